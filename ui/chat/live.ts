import type { ConversationEvent } from '../../src/client.ts'

/** A call that waits for a person. Without `signal`, it waits below another goal. */
export type Need = { readonly title: string; readonly run?: string | undefined; readonly signal?: string | undefined }

/** A conversation at this moment: the text that its agent writes, the agent, and the calls that wait for a person. */
export type Live = {
  readonly text: string
  /** the text has begun again: its process had ended, or its model was asked again */
  readonly isAgain?: boolean
  readonly agent?: string
  readonly needs: readonly Need[]
}

/** The conversation after an event. The calls of a round wait no more when the round or its goal has ended. Pure. */
export function liveAfter(live: Live, body: ConversationEvent['body']): Live {
  switch (body.type) {
    case 'text-delta':
      // a piece before it was missed: the whole text comes with the round
      if (body.at > live.text.length) return live
      return { ...begunAgain(live, body.at), text: live.text.slice(0, body.at) + body.text }
    case 'text-restart':
      return { ...begunAgain(live, 0), text: '' }
    case 'ask-goal':
      return { ...live, agent: body.agent }
    case 'goal-needs':
      return { ...live, needs: [...live.needs, body] }
    case 'round-end':
    case 'goal-pause':
      return { ...live, needs: [] }
    case 'round':
    case 'goal-end':
    case 'ask-end':
      return { ...live, text: '', isAgain: false, needs: [] }
    default:
      return live
  }
}

const begunAgain = (live: Live, at: number): Live => (at < live.text.length ? { ...live, isAgain: true } : live)

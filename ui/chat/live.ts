import type { ConversationEvent } from '../../src/client.ts'
import { UNWRITTEN, type Written, writtenOn } from '../lib/written.ts'

/** A call that waits for a person. Without `signal`, it waits below another goal. */
export type Need = { readonly title: string; readonly run?: string | undefined; readonly signal?: string | undefined }

/** A conversation at this moment: the text that its agent writes, the agent, and the calls that wait for a person. */
export type Live = Written & {
  /** the text has begun again: its process had ended, or its model was asked again */
  readonly isAgain?: boolean
  /** a part of the text was shown, and is not known any more */
  readonly isCut?: boolean
  readonly agent?: string
  readonly needs: readonly Need[]
}

/** A conversation of which nothing was read yet. */
export const NOTHING_LIVE: Live = { ...UNWRITTEN, needs: [] }

/** The conversation after an event. The calls of a round wait no more when the round or its goal has ended. Pure. */
export function liveAfter(live: Live, body: ConversationEvent['body']): Live {
  switch (body.type) {
    case 'text-delta':
      return { ...begunAgain(live, body.at), ...writtenOn(live, body.text, body.at) }
    case 'text-restart':
      return { ...begunAgain(live, 0), ...UNWRITTEN }
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
      return { ...live, ...UNWRITTEN, isAgain: false, isCut: false, needs: [] }
    default:
      return live
  }
}

/**
 * The conversation when its events are read on after a pause. The text may have grown meanwhile, or begun again in
 * another process: no piece says which, so it is shown from its next piece on. Pure.
 */
export const liveAfterPause = (live: Live): Live => (live.text === '' ? live : { ...live, ...UNWRITTEN, isCut: true })

function begunAgain(live: Live, at: number): Live {
  const { text, from, isCut } = live
  const isAgain = text === '' ? isCut === true && at === 0 : at < from + text.length
  return isAgain ? { ...live, isAgain: true, isCut: false } : live
}

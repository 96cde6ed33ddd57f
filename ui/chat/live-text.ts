import { type Signal, signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { ConversationEvent } from '../../src/client.ts'
import { changeOf, untilShown } from '../lib/live.ts'
import { client } from '../lib/server.ts'

const PAUSE_MS = 1000

/** A call that waits for a person. Without `signal`, it waits below another goal. */
export type Need = { readonly title: string; readonly run?: string | undefined; readonly signal?: string | undefined }

/** A conversation at this moment: the text that its agent writes, the agent, and the calls that wait for a person. */
export type Live = { readonly text: string; readonly agent?: string; readonly needs: readonly Need[] }

/** Follows a conversation. Each durable event counts as a change of the topic `thread/NAME`. */
export function useLive(conversation: string, isFollowed: boolean): Signal<Live> {
  const live = useMemo(() => signal<Live>({ text: '', needs: [] }), [conversation])
  useEffect(() => {
    if (!isFollowed) return
    const end = new AbortController()
    void follow(conversation, live, end.signal)
    return () => end.abort()
  }, [conversation, isFollowed, live])
  return live
}

async function follow(conversation: string, state: Signal<Live>, signal: AbortSignal): Promise<void> {
  let after: string | undefined
  while (!signal.aborted) {
    await untilShown()
    const hidden = new AbortController()
    const onHide = () => document.hidden && hidden.abort()
    document.addEventListener('visibilitychange', onHide)
    try {
      const from = { signal: AbortSignal.any([signal, hidden.signal]), ...(after !== undefined && { after }) }
      for await (const { cursor, live, body } of client.conversations.events(conversation, from)) {
        state.value = liveAfter(state.value, body)
        if (live) continue
        after = cursor
        changeOf(`thread/${conversation}`).value++
      }
    } catch {
      // the page stays as it is, and asks again
    } finally {
      document.removeEventListener('visibilitychange', onHide)
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

/** The conversation after an event. The calls of a round wait no more when the round or its goal has ended. */
function liveAfter(live: Live, body: ConversationEvent['body']): Live {
  switch (body.type) {
    case 'text-delta':
      return { ...live, text: live.text.slice(0, body.at) + body.text }
    case 'text-restart':
      return { ...live, text: '' }
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
      return { ...live, text: '', needs: [] }
    default:
      return live
  }
}

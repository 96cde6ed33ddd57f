import { type Signal, signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { changeOf, untilConnected, untilShown } from '../lib/live.ts'
import { client } from '../lib/server.ts'
import { type Live, liveAfter, liveAfterPause } from './live.ts'

const PAUSE_MS = 1000

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
    await untilConnected()
    if (signal.aborted) return
    state.value = liveAfterPause(state.value)
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

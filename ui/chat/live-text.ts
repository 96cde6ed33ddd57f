import { type Signal, signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { changeOf, openings, untilConnected, untilShown } from '../lib/live.ts'
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
  // a server ends a stream now and then to ask who reads it: its process goes on
  let hasGoneOn = true
  let opening = openings.peek()
  while (!signal.aborted) {
    await untilShown()
    await untilConnected()
    if (signal.aborted) return
    if (!hasGoneOn || opening !== openings.peek()) state.value = liveAfterPause(state.value)
    hasGoneOn = false
    opening = openings.peek()
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
      hasGoneOn = !hidden.signal.aborted
    } catch {
      // the page stays as it is, and asks again
    } finally {
      document.removeEventListener('visibilitychange', onHide)
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

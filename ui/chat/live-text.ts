import { type Signal, signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { changeOf, untilShown } from '../lib/live.ts'
import { client } from '../lib/server.ts'

const PAUSE_MS = 1000

/**
 * The text that the agent of a conversation writes now. Each durable event counts as a change of the topic
 * `thread/NAME`.
 */
export function useLiveText(conversation: string, isFollowed: boolean): Signal<string> {
  const text = useMemo(() => signal(''), [conversation])
  useEffect(() => {
    if (!isFollowed) return
    const end = new AbortController()
    void follow(conversation, text, end.signal)
    return () => end.abort()
  }, [conversation, isFollowed, text])
  return text
}

async function follow(conversation: string, text: Signal<string>, signal: AbortSignal): Promise<void> {
  let after: string | undefined
  while (!signal.aborted) {
    await untilShown()
    const hidden = new AbortController()
    const onHide = () => document.hidden && hidden.abort()
    document.addEventListener('visibilitychange', onHide)
    try {
      const from = { signal: AbortSignal.any([signal, hidden.signal]), ...(after !== undefined && { after }) }
      for await (const { cursor, live, body } of client.conversations.events(conversation, from)) {
        if (body.type === 'text-delta') text.value = text.value.slice(0, body.at) + body.text
        else if (body.type === 'text-restart') text.value = ''
        if (live) continue
        after = cursor
        if (body.type === 'round' || body.type === 'goal-end') text.value = ''
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

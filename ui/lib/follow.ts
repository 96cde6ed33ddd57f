import { openings, untilConnected, untilShown } from './live.ts'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 5000

type Followed<Event> = {
  /** Opens the stream behind the last event that `take` has got. */
  open(signal: AbortSignal): AsyncIterable<Event>
  /** Takes an event. `over`: nothing more comes. */
  take(event: Event): 'over' | void
  /** Events without a place in the stream may have been missed, such as the pieces of a text. */
  onGap(): void
  /** Whether an error says that the stream is not for this page. */
  isRefused?(error: unknown): boolean
}

/**
 * Follows a stream as long as its page is shown, since a browser has six connections to a server for all of its tabs.
 * After a lost connection and on a page that is shown again, it goes on behind the last event.
 */
export async function follow<Event>(stream: Followed<Event>, signal: AbortSignal): Promise<void> {
  // a server ends a stream now and then to ask who reads it: its process goes on
  let hasGoneOn = true
  let opening = openings.peek()
  for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
    await untilShown()
    await untilConnected()
    if (signal.aborted) return
    if (!hasGoneOn || opening !== openings.peek()) stream.onGap()
    hasGoneOn = false
    opening = openings.peek()
    const hidden = new AbortController()
    const onHide = () => document.hidden && hidden.abort()
    document.addEventListener('visibilitychange', onHide)
    try {
      for await (const event of stream.open(AbortSignal.any([signal, hidden.signal]))) {
        pause = FIRST_PAUSE_MS
        if (stream.take(event) === 'over') return
      }
      hasGoneOn = !hidden.signal.aborted
    } catch (error) {
      // the page stays as it is, and asks again
      if (stream.isRefused?.(error)) return
    } finally {
      document.removeEventListener('visibilitychange', onHide)
    }
    if (!hidden.signal.aborted) await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

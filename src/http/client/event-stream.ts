import { is } from '../../errors.ts'
import type { FollowedEvent, From } from '../../house/describe.ts'

/** How long to retry after a lost connection, and the first pause; both in ms. */
export type Patience = { readonly patience: number; readonly pause: number }

/** Errors that a reconnect may fix. */
const PASSING = new Set(['owner_gone', 'unreachable', 'busy', 'too_many_requests'])
const LONGEST_PAUSE = 5_000

/** The position of a durable event in its stream: a number, or in a conversation a cursor. */
type Position = number | string

export type Received<At extends Position = Position> = Omit<FollowedEvent, 'n'> & { readonly n?: At }

/** Where a stream begins: after an event. */
export type Start<At extends Position = Position> = Omit<From, 'after'> & { readonly after?: At }

/** Opens a stream after an event. Calls `opened` when it is open, and `over` when no more events will ever come. */
type Open<At extends Position> = (from: Start<At>, over: () => void, opened: () => void) => AsyncIterable<Received<At>>

/**
 * A stream that resumes after its last durable event when the connection breaks, until its `last`
 * event or its end. Volatile events in between are lost. Throws the cause if the server does not
 * return in time.
 */
export async function* reconnecting<At extends Position>(
  open: Open<At>,
  { after, signal }: Start<At>,
  last: string | undefined,
  { patience, pause }: Patience,
): AsyncGenerator<Received<At>> {
  let seen = after
  let tries = 0
  /** the time when the connection was lost; undefined while there is one */
  let lostAt: number | undefined
  let isOver = false
  const over = () => {
    isOver = true
  }
  const opened = () => {
    lostAt = undefined
  }
  for (;;) {
    try {
      const from = { ...(seen !== undefined && { after: seen }), ...(signal && { signal }) }
      for await (const happening of open(from, over, opened)) {
        tries = 0
        opened()
        seen = happening.n ?? seen
        yield happening
        if (happening.n !== undefined && last !== undefined && typeOf(happening) === last) return
      }
      // an end without the last event means that something on the way closed the connection
      if (last === undefined || isOver || signal?.aborted) return
    } catch (error) {
      if (!is(error) || !PASSING.has(error.code)) throw error
      if (lostAt !== undefined && performance.now() - lostAt > patience) throw error
    }
    lostAt ??= performance.now()
    await sleep(Math.min(LONGEST_PAUSE, pause * 2 ** tries++), signal)
    if (signal?.aborted) return
  }
}

const typeOf = ({ body }: Received) => (body as { readonly type?: unknown } | null)?.type

/** Waits for the time or for the signal. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}

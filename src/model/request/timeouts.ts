import { TimeoutError } from '../../errors.ts'

/** Time limits of a model call, in ms. */
export type CallTimeouts = {
  /** the whole call; absent: ten minutes */
  readonly callMs?: number
  /** until the first piece of a streamed reply; absent: five minutes, as a server may have to load the model first */
  readonly firstMs?: number
  /** between two pieces of a streamed reply; absent: two minutes */
  readonly idleMs?: number
}

/** When a call must end: after its timeouts, or at a deadline (ms since the epoch). */
export type TimeLimits = { readonly timeouts?: CallTimeouts | undefined; readonly deadline?: number | undefined }

const DEFAULT_CALL_TIMEOUT_MS = 600_000
const DEFAULT_FIRST_TOKEN_TIMEOUT_MS = 300_000
const DEFAULT_IDLE_TIMEOUT_MS = 120_000

/** Reported by a streamed call: that it waits for the first piece, and that a piece arrived. */
export type StreamProgress = { begin(): void; heard(): void }

/**
 * The outcome of the work, a TimeoutError `model_timeout` when it takes too long, or the signal's reason as soon as
 * that is aborted. The work's own signal is aborted then; the caller does not wait for the work to heed it.
 */
export function withTimeouts<Result>(
  { timeouts = {}, deadline = Number.POSITIVE_INFINITY }: TimeLimits,
  signal: AbortSignal,
  work: (signal: AbortSignal, reading: StreamProgress) => Promise<Result>,
): Promise<Result> {
  const inner = new AbortController()
  const { promise, resolve, reject } = Promise.withResolvers<Result>()
  const end = (reason: unknown) => {
    reject(reason)
    inner.abort(reason)
  }
  const leave = () => end(signal.reason)
  const endAfter = (ms: number, what: string) => {
    const message = `The model ${what} after ${Math.round(ms)} ms.`
    return setTimeout(() => end(new TimeoutError(message, { code: 'model_timeout' })), ms)
  }
  const whole = endAfter(
    Math.max(0, Math.min(timeouts.callMs ?? DEFAULT_CALL_TIMEOUT_MS, deadline - Date.now())),
    'was not done',
  )
  const reading = createReading(timeouts, endAfter)
  signal.addEventListener('abort', leave, { once: true })
  work(inner.signal, reading)
    .then(resolve, reject)
    .finally(() => {
      clearTimeout(whole)
      reading.end()
      signal.removeEventListener('abort', leave)
    })
  return promise
}

function createReading(
  { firstMs = DEFAULT_FIRST_TOKEN_TIMEOUT_MS, idleMs = DEFAULT_IDLE_TIMEOUT_MS }: CallTimeouts,
  endAfter: (ms: number, what: string) => NodeJS.Timeout,
): StreamProgress & { end(): void } {
  let first: NodeJS.Timeout | undefined
  let next: NodeJS.Timeout | undefined
  const end = () => {
    clearTimeout(first)
    clearTimeout(next)
  }
  return {
    begin() {
      first = endAfter(firstMs, 'said nothing')
    },
    heard() {
      clearTimeout(first)
      next = next?.refresh() ?? endAfter(idleMs, 'said nothing more')
    },
    end,
  }
}

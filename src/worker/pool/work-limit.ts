import { is, TimeoutError } from '../../errors.ts'
import type { PoolClock } from '../clock.ts'

/** A limit of the running time of work that holds its place until it ends, also when it ignores its signal. */
export type WorkLimit = {
  /** ms, from the start of the work; Infinity: only the heartbeat limits it */
  readonly ms: number
  /** the work fails when its signs of life stop; absent: it may be silent */
  readonly heartbeat?: Heartbeat
  /** what the error names */
  readonly what: string
  /** the run or the ask that it belongs to */
  readonly of?: string
  /**
   * the error of work that does not end at its timeout: work that ends in time to clean up ends with its own result;
   * absent: both are the TimeoutError
   */
  readonly unended?: (late: TimeoutError) => Error
}

/** The signs of life of work: at most `ms` pass without a call of `beat`. */
export type Heartbeat = { readonly ms: number; beat(): void }

/** Work with a limit. `result`: its result, or an error in time. `ended`: the work itself has ended. */
type LimitedWork<T> = {
  readonly result: Promise<T>
  readonly ended: Promise<void>
  hasEnded(): boolean
}

/** Time for cancelled work to clean up, such as to end its processes, before its caller gets the error. */
const CLEANUP_MS = 200

const HINT = 'Raise the timeout, or let the work end when its signal aborts.'

/** Runs work, and cancels it when its time is over. A result that comes after its error is dropped. */
export function limitWork<T>(
  { ms, heartbeat, what, unended }: WorkLimit,
  clock: PoolClock,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T> | T,
): LimitedWork<T> {
  const { promise: result, resolve, reject } = Promise.withResolvers<T>()
  const off = new AbortController()
  const began = clock.elapsed()
  let late: TimeoutError | undefined
  let hasEnded = false
  let stop = Number.isFinite(ms) ? clock.after(ms, () => expire(tookLonger(what, ms))) : () => {}
  const stopListening = heartbeat ? listen(heartbeat, clock, () => expire(fellSilent(what, heartbeat.ms))) : () => {}

  function expire(error: TimeoutError): TimeoutError {
    late = error
    stop()
    stopListening()
    stop = clock.after(CLEANUP_MS, () => reject(unended?.(error) ?? error))
    off.abort(error)
    return error
  }

  function end(settle: () => void, error?: unknown): void {
    hasEnded = true
    stop()
    stopListening()
    signal.removeEventListener('abort', callOff)
    // work that holds the thread keeps the timer from firing
    const isLate = late !== undefined || clock.elapsed() - began > ms
    const isOwn = unended !== undefined && !is(error, 'CancelledError')
    if (isLate && !signal.aborted && !isOwn) reject(late ?? expire(tookLonger(what, ms)))
    else settle()
    stop()
  }

  const callOff = () => off.abort(signal.reason)
  if (signal.aborted) callOff()
  else signal.addEventListener('abort', callOff, { once: true })
  const ended = started(work, off.signal).then(
    (value) => end(() => resolve(value)),
    (error: unknown) => end(() => reject(error), error),
  )
  return { result, ended, hasEnded: () => hasEnded }
}

const tookLonger = (what: string, ms: number) =>
  new TimeoutError(`${what} took longer than ${Math.round(ms) / 1000} s.`, { hint: HINT })

const fellSilent = (what: string, ms: number) =>
  new TimeoutError(`${what} gave no sign of life for ${Math.round(ms) / 1000} s.`, {
    hint: 'Call progress, log or heartbeat of its call more often, or raise the heartbeat.',
  })

/** Calls `onSilence` when no beat comes in time. */
function listen(heartbeat: Heartbeat, clock: PoolClock, onSilence: () => void): () => void {
  let last = clock.elapsed()
  let stop = clock.after(heartbeat.ms, check)
  heartbeat.beat = () => {
    last = clock.elapsed()
  }
  return () => stop()

  function check(): void {
    const left = last + heartbeat.ms - clock.elapsed()
    if (left <= 0) onSilence()
    else stop = clock.after(left, check)
  }
}

async function started<T>(work: (signal: AbortSignal) => Promise<T> | T, signal: AbortSignal): Promise<T> {
  return work(signal)
}

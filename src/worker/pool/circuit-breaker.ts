/** Leaves a worker alone whose tasks fail one after another because of it. */
export type Breaker = {
  /** failures in a row */
  failures: number
  /** when it may be tried again; absent: it is well */
  until: number | undefined
  /** whether the one task is under way by which it is tried */
  trying: boolean
}

export type BreakerState = 'closed' | 'open' | 'half-open'

/** Failures in a row that open it, and ms for which it stays so. */
const MAX_FAILURES_IN_A_ROW = 3
const OPEN_MS = 30_000

export const createBreaker = (): Breaker => ({ failures: 0, until: undefined, trying: false })

/** Whether the worker may be given a task. */
export function allowsTask({ until, trying }: Breaker, now: number): boolean {
  return until === undefined || (!trying && now >= until)
}

/** What it shows: half-open is it from when its rest is over until the task by which it is tried has ended. */
export function breakerState({ until, trying }: Breaker, now: number): BreakerState {
  if (until === undefined) return 'closed'
  return trying || now >= until ? 'half-open' : 'open'
}

/** A task of the worker begins; true when it is the one by which the worker is tried. */
export function noteBegin(breaker: Breaker): boolean {
  if (breaker.until === undefined) return false
  breaker.trying = true
  return true
}

/** A task ended in a way that speaks for the worker: only one that began since may close what is open. */
export function noteSuccess(breaker: Breaker, tried: boolean): void {
  if (breaker.until !== undefined && !tried) return
  breaker.failures = 0
  breaker.until = undefined
  breaker.trying = false
}

/** A task ended in a way that speaks against it; true when that opened it. */
export function noteFailure(breaker: Breaker, tried: boolean, now: number): boolean {
  if (breaker.until !== undefined && !tried) return false
  if (++breaker.failures < MAX_FAILURES_IN_A_ROW) return false
  breaker.until = now + OPEN_MS
  breaker.trying = false
  return true
}

/** A task ended that says nothing, such as one that was called off: another may try. */
export function noteNothing(breaker: Breaker, tried: boolean): void {
  if (tried) breaker.trying = false
}

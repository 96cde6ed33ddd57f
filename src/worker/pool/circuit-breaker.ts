/** Stops sending tasks to a worker after consecutive failures that count against it. */
export type Breaker = {
  /** consecutive failures */
  failures: number
  /** when it may be tried again; absent: it is healthy */
  until: number | undefined
  /** whether the probe task is running */
  trying: boolean
  /** how often it has opened since the last success */
  opened: number
}

const MAX_FAILURES_IN_A_ROW = 3

/** ms for which it stays open: twice as long each time. */
const FIRST_OPEN_MS = 2_000
const LONGEST_OPEN_MS = 30_000

export const createBreaker = (): Breaker => ({ failures: 0, until: undefined, trying: false, opened: 0 })

/** Whether the worker may get a task. */
export function allowsTask({ until, trying }: Breaker, now: number): boolean {
  return until === undefined || (!trying && now >= until)
}

/** The visible state. Half-open lasts from the end of the pause until the probe task ends. */
export function breakerState({ until, trying }: Breaker, now: number): 'closed' | 'open' | 'half-open' {
  if (until === undefined) return 'closed'
  return trying || now >= until ? 'half-open' : 'open'
}

/** Notes the start of a task. Returns whether it is the probe. */
export function noteBegin(breaker: Breaker): boolean {
  if (breaker.until === undefined) return false
  breaker.trying = true
  return true
}

/** Notes a success. Only a task started after the breaker opened may close it. */
export function noteSuccess(breaker: Breaker, tried: boolean): void {
  if (breaker.until !== undefined && !tried) return
  breaker.failures = 0
  breaker.opened = 0
  breaker.until = undefined
  breaker.trying = false
}

/** Records a failure that counts against the worker; returns true when it opened the breaker. */
export function noteFailure(breaker: Breaker, tried: boolean, now: number): boolean {
  if (breaker.until !== undefined && !tried) return false
  if (++breaker.failures < MAX_FAILURES_IN_A_ROW) return false
  breaker.until = now + Math.min(LONGEST_OPEN_MS, FIRST_OPEN_MS * 2 ** Math.min(breaker.opened, 10))
  breaker.opened++
  breaker.trying = false
  return true
}

/** Records an outcome that says nothing about the worker, such as a cancellation: another task may be the probe. */
export function noteNothing(breaker: Breaker, tried: boolean): void {
  if (tried) breaker.trying = false
}

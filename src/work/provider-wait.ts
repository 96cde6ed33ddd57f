import { is, type Problem, problemOf, TerminalError } from '../errors.ts'
import { remedyOf } from '../model/call/failure-kinds.ts'
import { WORKERS_UNHEALTHY } from '../worker/worker.ts'

/**
 * Work that waits for the provider of a model. A provider that is busy, overloaded or away does not fail the work: the
 * work ends its turn, a timer wakes it, and it asks again. `patience` bounds the whole wait.
 */

/** The default patience, in ms. */
export const DEFAULT_PATIENCE_MS = 15 * 60_000

/**
 * A wait for a provider: since when (ms since the epoch), how many calls have failed, and the last failure of a call.
 * While the breaker of a model is open, the model is not called, so that refusal does not count as another failure.
 */
export type ProviderWait = {
  readonly since: number
  readonly tries: number
  readonly code: string
  readonly reason: string
  /** what a person can do about it */
  readonly hint?: string
}

/** A stored wait for a provider until the next call, at `until` (ms since the epoch). `long`: the inbox lists it. */
export type ProviderPause = ProviderWait & { readonly until: number; readonly long?: true }

/** A wait that continues: the next call is `delay` ms after `at` (ms since the epoch). */
export type NextTry = ProviderWait & { readonly at: number; readonly delay: number }

/** The configured patience of the work in a pool (ms), and the clock by which work waits (ms since the epoch). */
export type PoolPatience = { of(pool: string): number; now(): number }

/** How patient work is, and the clock by which it waits. */
export type WaitTerms = {
  /** ms */
  readonly limit: number
  /** ms since the epoch */
  now(): number
  /** the wait so far; absent: the last call did not fail in this way */
  readonly wait?: ProviderWait | undefined
  /** removes secrets from a text that is stored; absent: there are none */
  hide?(text: string): string
}

/** The terms of work in a pool. `own`: its own patience in ms. Without a configured patience, calls do not wait. */
export function waitTerms(
  patience: PoolPatience | undefined,
  pool: { readonly id: string },
  { own, wait, hide }: { readonly own?: number | undefined } & Pick<WaitTerms, 'wait' | 'hide'>,
): WaitTerms {
  const limit = own ?? patience?.of(pool.id) ?? 0
  return { limit, now: patience?.now ?? (() => 0), wait, ...(hide && { hide }) }
}

/**
 * The error to throw for a failed model call. A fault that may pass becomes a wait, which
 * ends the turn (`nextTryOf`), as long as patience lasts. Then it becomes a terminal
 * error that says how long the work has waited. Any other error stays as it is.
 */
export function orWait(error: unknown, { limit, now, wait, hide = (text) => text }: WaitTerms): unknown {
  const problem = problemOf(error)
  if (limit === 0 || !isPassing(problem)) return error
  const at = now()
  // a wait that begins ahead of the clock began under a wrong one, and would last until then
  const begun = wait && { ...wait, since: Math.min(wait.since, at) }
  const noted = noteFailure(problem, begun, at, hide)
  const { since, tries, code, reason, hint = PATIENCE_HINT } = noted
  const left = since + limit - at
  const isOver = left <= 0 || (problem.delay !== undefined && problem.delay > left)
  if (isOver) {
    const asks = !isLeftAlone(problem) && problem.delay !== undefined && problem.delay > left
    const why = asks ? whyTooLong(problem.delay, left) : whyOver(tries, at - since)
    return new TerminalError(`${why}: ${reason}`, { code, cause: error, hint, data: { patience: OVER } })
  }
  const own = Math.min(left, pauseAfter(tries))
  const delay = problem.delay === undefined ? own : Math.max(problem.delay, Math.min(LEAST_PAUSE_MS, own))
  const message = isLeftAlone(problem) && wait ? `${problem.message} The reason: ${reason}` : problem.message
  const data = { waits: PROVIDER, at, delay, ...noted }
  return new TerminalError(message, { code: problem.code, hint: problem.hint, cause: error, data })
}

function noteFailure(
  problem: Problem,
  wait: ProviderWait | undefined,
  at: number,
  hide: (text: string) => string,
): ProviderWait {
  if (wait && isLeftAlone(problem)) return wait
  const { code, message, hint } = problem
  return {
    since: wait?.since ?? at,
    tries: (wait?.tries ?? 0) + 1,
    code,
    reason: hide(message).slice(0, MAX_REASON),
    ...(hint !== undefined && { hint: hide(hint).slice(0, MAX_REASON) }),
  }
}

/** Characters of a reason, and of its hint. */
const MAX_REASON = 500

/** Whether the model was not called, because it had failed too often. */
const isLeftAlone = ({ code }: Problem) => code === WORKERS_UNHEALTHY

/** Whether a later call may succeed without a change by a person. */
const isPassing = (problem: Problem) =>
  isLeftAlone(problem) || (problem.terminal !== true && remedyOf(problem.code) === 'retry')

const PROVIDER = 'provider'
const OVER = 'over'

/** Whether work has waited for its provider as long as its patience allows. */
export const isOutOfPatience = ({ data }: Pick<Problem, 'data'>): boolean => data?.patience === OVER

/** The wait that an error stands for; undefined for any other error. */
export const nextTryOf = (error: unknown): NextTry | undefined => (is(error) ? nextTryIn(error) : undefined)

/** The wait that a problem stands for; undefined for any other problem. */
export function nextTryIn({ data }: Pick<Problem, 'data'>): NextTry | undefined {
  if (data?.waits !== PROVIDER) return undefined
  const [since, tries, at, delay] = [data.since, data.tries, data.at, data.delay].map(Number)
  return {
    since: since!,
    tries: tries!,
    at: at!,
    delay: delay!,
    code: String(data.code),
    reason: String(data.reason),
    ...(data.hint !== undefined && { hint: String(data.hint) }),
  }
}

/** The wait with which the next call continues. */
export const waitOf = ({ since, tries, code, reason, hint }: ProviderWait): ProviderWait => ({
  since,
  tries,
  code,
  reason,
  ...(hint !== undefined && { hint }),
})

/** The pause until the next call, `delay` ms after the last one. */
export function pauseOf(next: NextTry, delay = next.delay): ProviderPause {
  return { ...waitOf(next), until: next.at + delay, ...(isLongWait(next) && { long: true }) }
}

const FIRST_PAUSE_MS = 500

/** The shortest pause after a repeated failure, even if the provider asks for a shorter one. */
const LEAST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000

/** ms, by the number of failed calls. Half of the pause is random, so that calls do not come at the same moment. */
function pauseAfter(tries: number): number {
  const whole = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries - 1, 20))
  return Math.round(whole * (0.75 + Math.random() / 2))
}

/** ms after which a wait is long: then the inbox lists it. */
const LONG_WAIT_MS = 60_000

/** Whether a wait is long at the time of its next call. */
export const isLongWait = ({ since, at, delay }: NextTry): boolean => at + delay - since >= LONG_WAIT_MS

const whyOver = (tries: number, ms: number) =>
  `The provider was asked ${tries === 1 ? 'once' : `${tries} times`} in ${spanOf(ms)}, which is all the patience`
const whyTooLong = (asked: number, left: number) =>
  `The provider asks to wait ${spanOf(asked)}, but the patience lasts only ${spanOf(left)} more`
const PATIENCE_HINT = 'To wait longer, set `patience:` in antiphon.yaml, such as `patience: 1h`.'

function spanOf(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}

import { isBusy, type Problem, problemOf } from '../../errors.ts'
import { checkDirective } from '../check.ts'
import type { FailedAttempt, SentMark } from '../faults.ts'
import type { Actor, Cell, Directive, EffectCall, EffectClass, EffectOutcome, Envelope } from '../types.ts'
import { defaultDirective } from './supervise.ts'

/** An effect of a turn; `counted`: an attempt that a kill cuts off counts; `begins`: it says when its work begins. */
export type EffectRun = {
  readonly name: string
  readonly effect: (call: EffectCall) => unknown
  readonly effectClass: EffectClass
  readonly counted?: boolean
  readonly begins?: boolean
  readonly prepares?: boolean
  readonly failed?: FailedAttempt[] | undefined
  readonly sent?: SentMark | undefined
}

/** The number of an attempt at an effect, the ms of earlier ones with pauses, and how many of them a kill cut off. */
export type EffectAttempt = {
  readonly key: string
  readonly number: number
  readonly passed: number
  readonly cutOff: number
}

/** The turn of a failed attempt, as far as supervision sees it. */
type FailedTurn = { readonly actor: Actor; readonly cell: Cell | undefined; readonly message: Envelope }

type JudgedFailure = { readonly error: Problem; readonly directive: Directive }

/** Applies supervision to a failed attempt that took `ms`. If supervision itself fails, that failure is recorded. */
export function judge(
  whose: FailedTurn,
  run: EffectRun,
  attempt: EffectAttempt,
  problem: Problem,
  ms: number,
): JudgedFailure {
  try {
    return { error: problem, directive: directiveFor(whose, run, attempt, problem, ms) }
  } catch (error) {
    return { error: problemOf(error), directive: { type: 'fail' } }
  }
}

function directiveFor(
  { actor, cell, message }: FailedTurn,
  run: EffectRun,
  attempt: EffectAttempt,
  problem: Problem,
  ms: number,
): Directive {
  const supervise = actor.supervise ?? defaultDirective
  const directive = supervise({
    effect: run.name,
    class: run.effectClass,
    problem,
    attempt: attempt.number,
    elapsed: attempt.passed + ms,
    state: cell ? cell.state : actor.initial(message.to.key),
    message,
  })
  return checkDirective(directive, actor.kind)
}

/** An at-most-once attempt that was cut off. */
export function judgeInterrupted(whose: FailedTurn, run: EffectRun, attempt: EffectAttempt): JudgedFailure {
  const message = `${run.name} was interrupted; whether it took place is not known.`
  const hint =
    'Check whether it did. If a second time does no harm, mark it as idempotent; then it is repeated by itself.'
  const error: Problem = { code: 'unknown', name: 'UnknownError', message, hint, terminal: true }
  return judge(whose, run, attempt, error, 0)
}

/** The code of a counted attempt that a kill cut off. */
export const CUT_OFF = 'cut_off'

export function judgeCutOff(
  whose: FailedTurn,
  run: EffectRun,
  attempt: EffectAttempt,
  { began }: { readonly began?: number },
): EffectOutcome {
  const message = `its process ended during attempt ${attempt.number}`
  const judged = judge(whose, run, attempt, { code: CUT_OFF, name: 'RetryableError', message, delay: 0 }, 0)
  return began === undefined ? judged : { ...judged, began }
}

/** Collects what an outcome says about failed attempts: its own, and one that the end of a process may have cut off. */
export function noteFailed({ failed }: EffectRun, outcome: EffectOutcome, attempt: number): void {
  if (!failed) return
  if (outcome.again) failed.push({ attempt, ...cutOffBefore(outcome.again) })
  if ('value' in outcome) return
  const { error: problem, began, ms, directive } = outcome
  // a full pool has not begun it
  if (isBusy(problem)) return
  const times = began === undefined ? {} : ms === undefined ? { began } : { began, ms }
  const delay = directive?.type === 'retry' ? { delay: Math.max(0, directive.delay) } : {}
  failed.push({ attempt, problem, ...times, ...delay })
}

/** An attempt of an earlier process. */
function cutOffBefore(again: NonNullable<EffectOutcome['again']>): Pick<FailedAttempt, 'problem' | 'began'> {
  const problem = { code: CUT_OFF, name: 'RetryableError' }
  return again === true
    ? { problem: { ...problem, message: `${ENDED}; whether this attempt had begun is not known` } }
    : { problem: { ...problem, message: `${ENDED} during this attempt` }, began: again.began }
}

const ENDED = 'its process ended or was cut off'

import type { Problem } from '../../errors.ts'
import type { Turn } from '../../kernel/types.ts'
import { withDecision } from '../approval/decide-call.ts'
import { type AwaitingCallback, START_PART, type StepState, type Suspended } from '../attempt/step-state.ts'
import { triesBefore } from '../attempt/tries.ts'
import type { CallbackVerdict } from '../call/callback.ts'
import { OWN_CALL, REJECTED } from '../messages/call-decision.ts'
import type { StepEnd } from '../messages/step-end.ts'
import type { StepStart } from '../messages/step-start.ts'
import { UNKNOWN_OUTCOME } from './unknown-outcome.ts'

type Decided = Extract<CallbackVerdict, { readonly type: 'decided' }>

/**
 * The step continues in a turn of its own, so that the decision is committed before a call is made. A step whose own
 * call was rejected is skipped; where the call of a handler was rejected, the next handler is tried.
 */
export function turnAfterDecision(
  waiting: AwaitingCallback,
  start: StepStart,
  { call, decision }: Decided,
  at: number,
): Turn<StepState> {
  const { step, since } = waiting
  if (!decision.approved && call === OWN_CALL) {
    const said = decision.comment !== undefined && { comment: decision.comment }
    const about = { type: 'step-end', step, attempts: 0, ms: at - since } as const
    return reportEnd(waiting, withDecision({ ...about, status: 'skipped', reason: REJECTED, ...said }, start))
  }
  return {
    ...goOn({ ...waiting, attempts: 0 }, at),
    parts: { [START_PART]: { ...start, decisions: { ...start.decisions, [call]: decision } } },
  }
}

/** The call did not take place: it is made in a turn of its own, under the same key. */
export function repeatCall(waiting: AwaitingCallback, start: StepStart, at: number): Turn<StepState> {
  const { recovery, question } = waiting
  const tries = recovery ? waiting.tries : triesBefore({ ...waiting, problem: question.memo as Problem })
  const again: AwaitingCallback = { ...waiting, ...(tries && { tries }) }
  return { ...goOn(again, at, NOT_DONE), parts: { [START_PART]: start } }
}

/** The call is made again, in a turn of its own, and gets the answers. */
export function callWithAnswers(
  waiting: AwaitingCallback,
  start: StepStart,
  { answers }: Extract<CallbackVerdict, { readonly type: 'answered' }>,
  at: number,
): Turn<StepState> {
  return { ...goOn({ ...waiting, attempts: 0 }, at), parts: { [START_PART]: { ...start, toolAnswers: answers } } }
}

const NOT_DONE = { notDone: true } as const

/** The wait of a step whose handler made the call that a person settled: the recovery continues with its outcome. */
export function settledRecovery(waiting: AwaitingCallback, end: StepEnd): AwaitingCallback | undefined {
  const { recovery, asking } = waiting
  if (!recovery?.call || asking !== UNKNOWN_OUTCOME) return undefined
  const { type: _, step: __, key: ___, standby: ____, ...settled } = end
  return { ...waiting, recovery: { ...recovery, call: { ...recovery.call, settled } } }
}

function goOn(
  { run, work, key, attempts, recovery, memo, tries }: AwaitingCallback,
  at: number,
  more: Pick<Suspended, 'notDone'> = {},
): Turn<StepState> {
  const untold = { ...(recovery && { recovery }), ...(memo && { memo }), ...(tries && { tries }) }
  return {
    state: { suspended: { run, work, key, attempts, ...untold, ...more } },
    timers: { timeout: null, retry: { delay: 0, body: { type: 'retry' } } },
    index: { status: 'waiting', until: at },
  }
}

export function reportEnd({ run, work }: AwaitingCallback, end: StepEnd): Turn<StepState> {
  return { send: [{ to: run, body: end, type: 'response', correlationId: work }], stop: true }
}

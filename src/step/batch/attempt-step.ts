import { errorOf, problemOf } from '../../errors.ts'
import type { FailedAttempt, SentMark } from '../../kernel/faults.ts'
import type { Json } from '../../kernel/json.ts'
import type { EffectCall, Effects } from '../../kernel/types.ts'
import { mustPropagate } from '../../work/suspension.ts'
import type { Suspended } from '../attempt/step-state.ts'
import { triesIn } from '../attempt/tries.ts'
import type { StepTurns } from '../attempt/turns.ts'
import type { FailedEnd, OpenWork } from '../attempt/work.ts'
import { failedEnd } from '../messages/step-end.ts'
import type { StepStart } from '../messages/step-start.ts'
import { wasMade } from '../record/outcome.ts'
import { MAX_TRIES, type StepTry } from '../record/step.ts'
import { askWhetherDone, isUnknown } from '../suspend/unknown-outcome.ts'
import type { ValueRef } from '../values.ts'
import { effectNameIn, idempotencyKeyOf } from './effect-names.ts'
import { type AttemptResult, decodeEntry, entryOf } from './journal.ts'
import { performAttempt, type SharedByAttempts } from './perform-attempt.ts'

/** One step of a batch; `done` is the number of steps before it in this turn. */
export type BatchStep = StepTurns & {
  readonly work: OpenWork
  readonly start: StepStart
  readonly done: number
  readonly whose: Pick<Suspended, 'run' | 'work'>
  /** it was tried in earlier turns */
  readonly paused?: Suspended
  /** the attempts that failed in this turn */
  readonly failed: FailedAttempt[]
}

/** Makes the attempts of an undoable step, after it has captured what undoing needs. */
export async function attemptUndoable(batchStep: BatchStep, effects: Effects): Promise<AttemptResult> {
  const memo = await prepareStep(batchStep, effects)
  const attempted = await attemptStep(batchStep, effects)
  if (!memo) return attempted
  if ('type' in attempted) return { ...attempted, memo }
  const { end, next } = attempted
  return wasMade(end) ? { end: { ...end, memo }, next } : attempted
}

/** Captures the state for compensation before the first attempt: a later one might find what the first one left. */
async function prepareStep(batchStep: BatchStep, effects: Effects): Promise<ValueRef | undefined> {
  const { paused, services, work, start } = batchStep
  if (paused) return paused.memo
  if (!work.prepare) return undefined
  try {
    const act = (call: EffectCall) =>
      work.prepare!({ services, start, call, self: effects.self, emit: effects.emit }) as Promise<Json>
    return ((await effects.run<Json>(effectNameIn(batchStep, 'prepare'), act)) as ValueRef | null) ?? undefined
  } catch (error) {
    if (mustPropagate(error)) throw error
    // the step itself reports the fault; without a memo it cannot be undone, which undo reports
    return undefined
  }
}

/** Makes the attempts of a step that this turn has room for. */
export function attemptStep(batchStep: BatchStep, effects: Effects): Promise<AttemptResult> {
  const { start, failed } = batchStep
  const spent = batchStep.paused?.models?.slice() ?? []
  const time = start.run.callTime === undefined ? undefined : { used: batchStep.paused?.used ?? 0 }
  const name = effectNameIn(batchStep)
  const key = idempotencyKeyOf(batchStep, effects, name)
  const act = (call: EffectCall) => executeAttempt(batchStep, call, effects, key, { spent, time })
  const { effect, retryReported: counted } = start.policy
  const sent: SentMark = {}
  const plain = { effect, begins: true, failed, sent }
  const options = counted ? { ...plain, counted } : plain
  return effects.run<Json>(name, act, options).then(
    (entry) => unlessUnknown(batchStep, withTries(decodeEntry(start, entry, key), batchStep), effects, sent),
    (error) => {
      if (mustPropagate(error)) throw error
      // its last attempt is its end
      const last = failed.pop()
      const ms = last?.ms === undefined ? {} : { ms: last.ms }
      const end = { ...failedEnd(start.step, problemOf(error)), ...ms, key }
      return unlessUnknown(batchStep, withTries({ end }, batchStep), effects, sent)
    },
  )
}

/** The result of an attempt. A call that may have taken place becomes a question to a person. */
function unlessUnknown(
  batchStep: BatchStep,
  attempted: AttemptResult,
  effects: Effects,
  sent: SentMark,
): AttemptResult | Promise<AttemptResult> {
  const { start, done } = batchStep
  // the steps before it in the same turn have ended, so it cannot wait
  if ('type' in attempted || attempted.end.status !== 'failed' || done > 0) return attempted
  return isUnknown(start, attempted.end.problem) ? awaitSettlement(batchStep, attempted.end, effects, sent) : attempted
}

async function awaitSettlement(
  batchStep: BatchStep,
  end: FailedEnd,
  effects: Effects,
  { at: sentAt }: SentMark,
): Promise<AttemptResult> {
  const effect = effectNameIn(batchStep)
  const key = idempotencyKeyOf(batchStep, effects)
  const attempts = Math.max(end.attempts, (batchStep.paused?.attempts ?? 0) + 1)
  const asks = effectNameIn(batchStep, 'ask-whether-done')
  const call = { problem: end.problem, key, attempts, sentAt, effect, asks }
  const { question, problem } = await askWhetherDone(batchStep, call, effects)
  return question ? { ...question, ...(end.tries && { tries: end.tries }) } : { end: { ...end, problem } }
}

function executeAttempt(
  batchStep: BatchStep,
  { signal, attempt, idempotencyKey: place, counted, begin }: EffectCall,
  effects: Effects,
  key: string,
  shared: SharedByAttempts,
): Json | Promise<Json> {
  const { start, paused } = batchStep
  const plain = { signal, attempt: (paused?.attempts ?? 0) + attempt, idempotencyKey: key, place }
  const first = begin ? { ...plain, begin } : plain
  const made = counted ? { ...first, counted: { cutOff: (paused?.cutOff ?? 0) + counted.cutOff } } : first
  const call = paused?.notDone ? { ...made, notDone: paused.notDone } : made
  const prior = call.attempt === 1 ? start.batch.deferred?.priorOutcome : undefined
  if (prior?.type === 'thrown') throw errorOf(prior.problem)
  if (prior?.type === 'later') return entryOf(batchStep, prior, shared.spent)
  const moved = start.batch.deferred && call.attempt === 1 ? batchStep.moved.take(key, signal) : undefined
  const outcome = moved ?? performAttempt(batchStep, call, effects, shared)
  return outcome.then((outcome) => entryOf(batchStep, outcome, shared.spent))
}

/** Adds the failed attempts before a result: those of this turn, and those of earlier turns that no event has told. */
function withTries(result: AttemptResult, batchStep: BatchStep): AttemptResult {
  const tries = [...(batchStep.paused?.tries ?? []), ...triesOfTurn(batchStep)].slice(-MAX_TRIES)
  if (tries.length === 0) return result
  if ('type' in result) return { ...result, tries }
  return result.end.status === 'iterating' ? result : { ...result, end: { ...result.end, tries } }
}

function triesOfTurn({ failed, paused, start }: BatchStep): readonly StepTry[] {
  const [first, ...others] = failed
  if (!first) return []
  const prior = start.batch.deferred?.priorOutcome
  // its first attempt was made in another turn, which measured it
  const { began: _, ms: __, delay: ___, ...untimed } = first
  const isPrior = prior?.type === 'thrown' && first.attempt === 1 && !paused?.attempts
  const known = isPrior ? [{ ...untimed, ...(prior.ms !== undefined && { ms: prior.ms }) }] : [first]
  return triesIn([...known, ...others], paused?.attempts)
}

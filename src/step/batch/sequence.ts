import { type Problem, problemOf } from '../../errors.ts'
import type { FailedAttempt } from '../../kernel/faults.ts'
import type { Json } from '../../kernel/json.ts'
import type { EffectCall, Effects, Turn } from '../../kernel/types.ts'
import { nextTryIn } from '../../work/provider-wait.ts'
import { isWait } from '../../work/suspension.ts'
import { withDecision } from '../approval/decide-call.ts'
import { mayAsk, ownDecision } from '../approval/may-ask.ts'
import type { PendingCallback } from '../attempt/outcome.ts'
import { PendingDecision } from '../attempt/pending-decision.ts'
import type { StepState, Suspended } from '../attempt/step-state.ts'
import { waitAfter } from '../attempt/tries.ts'
import { openWork, type StepTurns } from '../attempt/turns.ts'
import type { Completed } from '../attempt/work.ts'
import { encodeEnds } from '../messages/codec.ts'
import { failedEnd, type StepEnd } from '../messages/step-end.ts'
import type { StepStart } from '../messages/step-start.ts'
import type { RetryLater } from '../record/outcome.ts'
import { awaitCallback } from '../suspend/await-callback.ts'
import { suspendStep } from '../suspend/await-retry.ts'
import { attemptStep, attemptUndoable, type BatchStep } from './attempt-step.ts'
import { EXECUTE_EFFECT, effectNameIn, idempotencyKeyOf } from './effect-names.ts'
import type { AttemptResult } from './journal.ts'

/** Runs a step and, in the same turn, following fast ones. A slow step has its own turn, so its start is reported. */
export async function runSequence(
  stepTurns: StepTurns,
  first: StepStart,
  effects: Effects,
  paused?: Suspended,
): Promise<Turn<StepState>> {
  const progress: BatchProgress = { ends: [], start: first, failed: [] }
  try {
    return await runSteps(stepTurns, progress, effects, paused)
  } catch (error) {
    if (PendingDecision.is(error)) return waitForDecision(progress, error, effects, paused)
    if (!isWait(error)) throw error
    return suspendAtWait(progress, problemOf(error), effects, paused)
  }
}

/** How far a turn got: ends, the current step, its failed attempts, and its end while recovery or routing is left. */
type BatchProgress = {
  readonly ends: StepEnd[]
  start: StepStart
  failed: FailedAttempt[]
  end?: StepEnd | undefined
}

async function runSteps(
  stepTurns: StepTurns,
  progress: BatchProgress,
  effects: Effects,
  paused: Suspended | undefined,
): Promise<Turn<StepState>> {
  const { ends, start: first } = progress
  const opened = openWork(stepTurns, first)
  const whose = replyTargetOf(paused, effects)
  for (let start = first; ; ) {
    progress.start = start
    progress.failed = []
    progress.end = undefined
    let resolved: Completed = start.policy.hasAutoTags
      ? await opened.complete!({ start }, effects, (noted) => void (progress.start = noted))
      : { start }
    progress.start = resolved.start
    const { failed } = progress
    const each: BatchStep = { ...stepTurns, work: opened, start: resolved.start, done: ends.length, whose, failed }
    const planned = paused && ends.length === 0 ? { ...each, paused } : each
    const found = opened.withPresentCode?.(planned, effectNameIn(planned, 'code'), effects) ?? {}
    const { problem, ...code } = found instanceof Promise ? await found : found
    if (problem) resolved = { ...resolved, problem }
    const batchStep: BatchStep = { ...planned, ...code }
    const { work } = batchStep
    const asking = mayAskAt(batchStep)
    const gate = (asking instanceof Promise ? await asking : asking)
      ? await gateOfStep(batchStep, resolved, effects)
      : undefined
    if (gate) return leaveUnfinished(batchStep, gate, effects)
    const outcome: AttemptResult = await tryStep(batchStep, resolved, effects)
    if ('type' in outcome) return leaveUnfinished(batchStep, outcome, effects)
    if (outcome.end.status === 'iterating')
      return answerRun(work.withUses?.(outcome.end, resolved) ?? outcome.end, paused)
    progress.end = outcome.end
    const recovering =
      outcome.end.status === 'failed'
        ? (work.recover?.(batchStep, outcome.end, effects, batchStep.paused?.recovery) ?? outcome.end)
        : outcome.end
    const ended = recovering instanceof Promise ? await recovering : recovering
    const used = work.withUses?.(ended, resolved) ?? ended
    const routing = work.afterEnd?.(batchStep, used, effects) ?? used
    const end = withDecision(routing instanceof Promise ? await routing : routing, resolved.start)
    ends.push(end)
    if (outcome.next === undefined) return reportEnds(ends, paused)
    start = await opened.startNext!(start, ended, outcome.next)
  }
}

function tryStep(
  batchStep: BatchStep,
  { problem, reply }: Completed,
  effects: Effects,
): AttemptResult | Promise<AttemptResult> {
  const { start, paused } = batchStep
  if (problem) return { end: { ...failedEnd(start.step, problem), ...(reply && { result: reply }) } }
  const end = paused?.recovery?.failed ?? paused?.end
  if (end) return { end }
  return (start.run.undoable ? attemptUndoable : attemptStep)(batchStep, effects)
}

/** The question to a person before the step's own call; undefined if it needs no approval, or has a decision. */
async function gateOfStep(
  batchStep: BatchStep,
  { problem }: Completed,
  effects: Effects,
): Promise<PendingCallback | undefined> {
  const { services, work, start, paused } = batchStep
  if (problem || paused?.end || paused?.recovery || ownDecision(start)) return undefined
  const { self, emit } = effects
  const look = async (call: EffectCall) => ((await work.gate?.({ services, start, call, self, emit })) ?? null) as Json
  const gate = (await effects.run(effectNameIn(batchStep, 'gate'), look)) as PendingCallback | null
  const tries = paused?.tries && { tries: paused.tries }
  return gate ? { ...gate, ...tries, key: idempotencyKeyOf(batchStep, effects) } : undefined
}

/** A person must approve the call of a handler, or settle it. The step waits, as in a turn of its own. */
function waitForDecision(
  { start }: BatchProgress,
  { question, progress }: PendingDecision,
  effects: Effects,
  paused: Suspended | undefined,
): Promise<Turn<StepState>> {
  const { key = question.key } = progress.failed
  return awaitCallback(start, { ...question, key }, replyTargetOf(paused, effects), effects, progress)
}

/**
 * The budget is too small for a model call of this step, or its provider cannot answer at present. Reports the outcomes
 * so far; the step continues in its own turn.
 */
async function suspendAtWait(
  { ends, start, failed, end }: BatchProgress,
  problem: Problem,
  effects: Effects,
  paused: Suspended | undefined,
): Promise<Turn<StepState>> {
  if (ends.length > 0) return reportEnds(ends, paused)
  const { attempts = 0, cutOff, memo, models, tries: untold = [] } = paused ?? {}
  const later: RetryLater = {
    type: 'later',
    delay: nextTryIn(problem)?.delay ?? 0,
    problem,
    attempts,
    ...(!end && waitAfter(failed, attempts, untold)),
    ...(cutOff && { cutOff }),
    ...(memo && { memo }),
    ...(models && { models }),
  }
  const key = paused?.key ?? start.batch.deferred?.key ?? `${effects.message.id}/${EXECUTE_EFFECT}`
  return suspendStep(start, later, { ...replyTargetOf(paused, effects), key, ...(end && { end }) }, effects)
}

/** The step has not ended: it waits for a callback or for its next attempt. */
async function leaveUnfinished(
  batchStep: BatchStep,
  outcome: PendingCallback | RetryLater,
  effects: Effects,
): Promise<Turn<StepState>> {
  const { start } = batchStep
  const whose = { ...batchStep.whose, key: idempotencyKeyOf(batchStep, effects) }
  return outcome.type === 'later'
    ? suspendStep(start, outcome, whose, effects)
    : awaitCallback(start, outcome, whose, effects)
}

/** Where to send the end of the step. A suspended step keeps what its first message said. */
function replyTargetOf(paused: Suspended | undefined, { message }: Effects): Pick<Suspended, 'run' | 'work'> {
  const { run = message.replyTo!, work = message.correlationId } = paused ?? {}
  return { run, work }
}

function reportEnds(ends: readonly StepEnd[], paused: Suspended | undefined): Turn<StepState> {
  return answerRun({ type: 'batch-end', mode: 'sequence', ends: encodeEnds(ends) }, paused)
}

function answerRun(body: Json, paused: Suspended | undefined): Turn<StepState> {
  if (!paused) return { reply: body, stop: true }
  const { run: to, work: correlationId } = paused
  return { send: [{ to, body, type: 'response', correlationId }], stop: true }
}

/** Whether the own call of a step may wait for a person. A step whose work cannot be opened reports that itself. */
function mayAskAt({ work, start }: BatchStep): boolean | Promise<boolean> {
  if (start.run.approve !== undefined) return true
  const facts = work.factsOf(start)
  return facts instanceof Promise
    ? facts.then(
        (known) => mayAsk(known, start.run),
        () => true,
      )
    : mayAsk(facts, start.run)
}

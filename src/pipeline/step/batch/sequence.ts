import { errorOf, type Problem, problemOf } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectCall, Effects, Turn } from '../../../kernel/types.ts'
import type { ValueRef } from '../../../run/values.ts'
import { nextTryIn } from '../../../work/provider-wait.ts'
import { isWait, mustPropagate } from '../../../work/suspension.ts'
import { startOfNext } from '../../plan/batching.ts'
import { encodeEnds } from '../../plan/codec.ts'
import { OWN_CALL } from '../../plan/messages/call-decision.ts'
import { failedEnd, type StepEnd } from '../../plan/messages/step-end.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import { type RetryLater, wasMade } from '../../plan/step-outcome.ts'
import { findCallGate, mayAskAt } from '../approval/call-gate.ts'
import { ownDecision } from '../approval/called-tool.ts'
import { withPresentCode } from '../approval/changed-code.ts'
import { withDecision } from '../approval/decide-call.ts'
import { PendingDecision } from '../approval/pending-decision.ts'
import type { OpenPipeline } from '../attempt.ts'
import { resolveDynamicRoute } from '../auto-tags/dynamic-route.ts'
import { type ResolvedTags, resolveTags, withTagUses } from '../auto-tags/resolve-tags.ts'
import { withCounted } from '../cut-off.ts'
import type { PendingCallback } from '../outcome.ts'
import { prepareCompensation } from '../recovery/compensate-step.ts'
import { type FailedEnd, pipelineOpener, recover } from '../recovery/recover.ts'
import { askWhetherDone, isUnknown } from '../settle/unknown-outcome.ts'
import type { StepState, Suspended } from '../step-state.ts'
import { awaitCallback } from '../suspend/await-callback.ts'
import { suspendStep } from '../suspend/await-retry.ts'
import { EXECUTE_EFFECT, effectNameIn, idempotencyKeyOf } from './effect-names.ts'
import { type AttemptResult, decodeEntry, entryOf } from './journal.ts'
import type { StepServices } from './latency.ts'
import { performAttempt, type SharedByAttempts } from './perform-attempt.ts'

/**
 * Runs a step and, in the same turn, each following step that is known to be fast. A slow step starts in a turn of its
 * own, so that its start is reported.
 */
export async function runSequence(
  stepServices: StepServices,
  first: StepStart,
  effects: Effects,
  paused?: Suspended,
): Promise<Turn<StepState>> {
  const progress: BatchProgress = { ends: [], start: first }
  try {
    return await runSteps(stepServices, progress, effects, paused)
  } catch (error) {
    if (PendingDecision.is(error)) return waitForDecision(progress, error, effects, paused)
    if (!isWait(error)) throw error
    return suspendAtWait(progress, problemOf(error), effects, paused)
  }
}

/** How far a turn got: the ends so far, the current step, and its end while only its recovery or routing is left. */
type BatchProgress = { readonly ends: StepEnd[]; start: StepStart; end?: StepEnd | undefined }

async function runSteps(
  stepServices: StepServices,
  progress: BatchProgress,
  effects: Effects,
  paused: Suspended | undefined,
): Promise<Turn<StepState>> {
  const { ends, start: first } = progress
  const open = pipelineOpener(stepServices.services, first)
  const whose = replyTargetOf(paused, effects)
  const reads = first.reads === 'parts' ? {} : { ...first.reads }
  for (let start = first; ; ) {
    progress.start = start
    progress.end = undefined
    let resolved: ResolvedTags = start.policy.hasAutoTags
      ? await resolveStepTags({ ...stepServices, open, start }, progress, effects)
      : { start }
    progress.start = resolved.start
    const each: BatchStep = { ...stepServices, open, start: resolved.start, done: ends.length, whose }
    const planned = paused && ends.length === 0 ? { ...each, paused } : each
    const found = withPresentCode(planned, effectNameIn(planned, 'code'), effects)
    const { problem, ...code } = found instanceof Promise ? await found : found
    if (problem) resolved = { ...resolved, problem }
    const batchStep: BatchStep = { ...planned, ...code }
    const asking = mayAskAt(batchStep)
    const gate = (asking instanceof Promise ? await asking : asking)
      ? await gateOfStep(batchStep, resolved, effects)
      : undefined
    if (gate) return leaveUnfinished(batchStep, gate, effects)
    const outcome: AttemptResult = await tryStep(batchStep, resolved, effects)
    if ('type' in outcome) return leaveUnfinished(batchStep, outcome, effects)
    if (outcome.end.status === 'iterating') return answerRun(withTagUses(outcome.end, resolved), paused)
    progress.end = outcome.end
    const recovering =
      outcome.end.status === 'failed'
        ? recover(batchStep, outcome.end, effects, batchStep.paused?.recovery)
        : outcome.end
    const ended = recovering instanceof Promise ? await recovering : recovering
    const routing = resolveDynamicRoute(batchStep, withTagUses(ended, resolved), effects)
    const end = withDecision(routing instanceof Promise ? await routing : routing, resolved.start)
    ends.push(end)
    if (outcome.next === undefined) return reportEnds(ends, paused)
    const opened = open()
    start = startOfNext(opened instanceof Promise ? await opened : opened, start, ended, outcome.next, reads)
  }
}

/** Resolves AUTO tags and keeps each answer at once, so that a wait for budget does not ask for it again. */
function resolveStepTags(
  asker: Parameters<typeof resolveTags>[0],
  progress: BatchProgress,
  effects: Effects,
): Promise<ResolvedTags> {
  const { start } = asker
  const note = (answers: NonNullable<StepStart['answers']>) => {
    const { waited: _, ...rest } = start
    progress.start = { ...rest, answers: [...answers] }
  }
  return resolveTags(asker, effects, '', note)
}

function tryStep(
  batchStep: BatchStep,
  { problem, reply }: ResolvedTags,
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
  { problem }: ResolvedTags,
  effects: Effects,
): Promise<PendingCallback | undefined> {
  const { services, open, start, paused } = batchStep
  if (problem || paused?.end || paused?.recovery || ownDecision(start)) return undefined
  const { self, emit } = effects
  const look = async (call: EffectCall) =>
    ((await findCallGate({ services, open, start, call, self, emit }, OWN_CALL)) ?? null) as Json
  const gate = (await effects.run(effectNameIn(batchStep, 'gate'), look)) as PendingCallback | null
  return gate ? { ...gate, key: idempotencyKeyOf(batchStep, effects) } : undefined
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
  { ends, start, end }: BatchProgress,
  problem: Problem,
  effects: Effects,
  paused: Suspended | undefined,
): Promise<Turn<StepState>> {
  if (ends.length > 0) return reportEnds(ends, paused)
  const { attempts = 0, cutOff, memo, models } = paused ?? {}
  const later: RetryLater = {
    type: 'later',
    delay: nextTryIn(problem)?.delay ?? 0,
    problem,
    attempts,
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

/** One step of a batch; `done` is the number of steps before it in this turn. */
export type BatchStep = StepServices & {
  readonly open: OpenPipeline
  readonly start: StepStart
  readonly done: number
  readonly whose: Pick<Suspended, 'run' | 'work'>
  /** it was tried in earlier turns */
  readonly paused?: Suspended
}

async function attemptUndoable(batchStep: BatchStep, effects: Effects): Promise<AttemptResult> {
  const memo = await prepareStep(batchStep, effects)
  const attempted = await attemptStep(batchStep, effects)
  if (!memo) return attempted
  if ('type' in attempted) return { ...attempted, memo }
  const { end, next } = attempted
  return wasMade(end) ? { end: { ...end, memo }, next } : attempted
}

/**
 * Captures the state for compensation before the first attempt, since a later one might find what the first one left.
 */
async function prepareStep(batchStep: BatchStep, effects: Effects): Promise<ValueRef | undefined> {
  const { paused, services, open, start } = batchStep
  if (paused) return paused.memo
  try {
    const act = (call: EffectCall) =>
      prepareCompensation({ services, open, start, call, self: effects.self, emit: effects.emit }) as Promise<Json>
    return ((await effects.run<Json>(effectNameIn(batchStep, 'prepare'), act)) as ValueRef | null) ?? undefined
  } catch (error) {
    if (mustPropagate(error)) throw error
    // the step itself reports the fault; without a memo it cannot be undone, which undo reports
    return undefined
  }
}

function attemptStep(batchStep: BatchStep, effects: Effects): Promise<AttemptResult> {
  const { start } = batchStep
  const spent = batchStep.paused?.models?.slice() ?? []
  const time = start.run.callTime === undefined ? undefined : { used: batchStep.paused?.used ?? 0 }
  const name = effectNameIn(batchStep)
  const key = idempotencyKeyOf(batchStep, effects, name)
  const act = (call: EffectCall) => executeAttempt(batchStep, call, effects, key, { spent, time })
  const { effect, retryReported: counted } = start.policy
  return effects.run<Json>(name, act, counted ? { effect, counted } : { effect }).then(
    (entry) => unlessUnknown(batchStep, decodeEntry(start, entry, key), effects),
    (error) => {
      if (mustPropagate(error)) throw error
      return unlessUnknown(batchStep, { end: { ...failedEnd(start.step, problemOf(error)), key } }, effects)
    },
  )
}

/** The result of an attempt. A call that may have taken place becomes a question to a person. */
function unlessUnknown(
  batchStep: BatchStep,
  attempted: AttemptResult,
  effects: Effects,
): AttemptResult | Promise<AttemptResult> {
  const { start, done } = batchStep
  // the steps before it in the same turn have ended, so it cannot wait
  if ('type' in attempted || attempted.end.status !== 'failed' || done > 0) return attempted
  return isUnknown(start, attempted.end.problem) ? awaitSettlement(batchStep, attempted.end, effects) : attempted
}

async function awaitSettlement(batchStep: BatchStep, end: FailedEnd, effects: Effects): Promise<AttemptResult> {
  const effect = effectNameIn(batchStep)
  const key = idempotencyKeyOf(batchStep, effects)
  const attempts = Math.max(end.attempts, (batchStep.paused?.attempts ?? 0) + 1)
  const call = { problem: end.problem, key, attempts, effect, asks: effectNameIn(batchStep, 'ask-whether-done') }
  const { question, problem } = await askWhetherDone(batchStep, call, effects)
  return question ?? { end: { ...end, problem } }
}

function executeAttempt(
  batchStep: BatchStep,
  { signal, attempt, idempotencyKey: place, counted }: EffectCall,
  effects: Effects,
  key: string,
  shared: SharedByAttempts,
): Json | Promise<Json> {
  const { start, paused } = batchStep
  const first = { signal, attempt: (paused?.attempts ?? 0) + attempt, idempotencyKey: key, place }
  const made = counted ? withCounted(first, counted, paused?.cutOff) : first
  const call = paused?.notDone ? { ...made, notDone: paused.notDone } : made
  const prior = call.attempt === 1 ? start.batch.deferred?.priorOutcome : undefined
  if (prior?.type === 'thrown') throw errorOf(prior.problem)
  if (prior?.type === 'later') return entryOf(batchStep, prior, shared.spent)
  const moved = start.batch.deferred && call.attempt === 1 ? batchStep.moved.take(key, signal) : undefined
  const outcome = moved ?? performAttempt(batchStep, call, effects, shared)
  return outcome.then((outcome) => entryOf(batchStep, outcome, shared.spent))
}

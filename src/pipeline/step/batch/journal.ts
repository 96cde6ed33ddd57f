import type { Json } from '../../../kernel/schema.ts'
import { decodeJournaledEnd, encodeJournaledEnd } from '../../../step/messages/codec.ts'
import type { IteratingLoop, StepReport } from '../../../step/messages/step-end.ts'
import { type ModelUse, withFailedCalls } from '../../../step/record/model-use.ts'
import type { RetryLater, StepOutcome } from '../../../step/record/outcome.ts'
import { nextInSequence } from '../../plan/batching.ts'
import { type CompiledPipeline, compiledStepAt, type StepWork } from '../../plan/compiled.ts'
import { instanceId, instanceOf } from '../../plan/instance.ts'
import type { PipelineStepStart } from '../../plan/messages/step-order.ts'
import { mayAsk } from '../approval/called-tool.ts'
import type { OpenPipeline } from '../attempt.ts'
import type { PipelineServices } from '../context.ts'
import type { AttemptOutcome, PendingCallback } from '../outcome.ts'
import { kindOf, type LatencyEstimates, recordTime, type WorkTimes } from './latency.ts'

/**
 * The result of an attempt, and the step with which the turn continues.
 * Both are journaled together, so that a replay continues in the same way.
 */
export type AttemptResult = PendingCallback | RetryLater | StepDone
type StepDone = { readonly end: StepReport; readonly next?: string | undefined }

/** The result that a journal entry stands for. */
export function decodeEntry({ step }: PipelineStepStart, entry: Json, key: string): AttemptResult {
  if (isUnfinished(entry)) return entry as PendingCallback | RetryLater
  const { end, next } = decodeJournaledEnd(entry)
  return { end: toStepEnd({ step }, end, key), next }
}

const isUnfinished = (entry: Json) => typeof entry === 'object' && entry !== null && 'type' in entry

/** The end of a step as its run receives it. */
export function toStepEnd(
  { step }: Pick<PipelineStepStart, 'step'>,
  end: StepOutcome | IteratingLoop,
  key: string,
): StepReport {
  return end.status !== 'skipped' && end.attempts > 0
    ? { type: 'step-end', step, ...end, key }
    : { type: 'step-end', step, ...end }
}

/** The attempted step, and the number of steps that its turn completed before it. */
type AttemptPosition = {
  readonly services: Pick<PipelineServices, 'toolbox' | 'pool'>
  readonly latency: LatencyEstimates
  readonly open: OpenPipeline
  readonly start: PipelineStepStart
  readonly done: number
}

/** The journal entry of an outcome. */
export function entryOf(
  at: AttemptPosition,
  outcome: AttemptOutcome,
  spent: readonly ModelUse[],
): Json | Promise<Json> {
  if ('type' in outcome) return outcome.type === 'later' ? withFailedCalls(outcome, spent) : outcome
  const opened = at.open()
  return opened instanceof Promise ? entryLater(opened, at, outcome, spent) : entryOfEnd(opened, at, outcome, spent)
}

async function entryLater(
  opening: Promise<CompiledPipeline>,
  at: AttemptPosition,
  ended: StepOutcome | IteratingLoop,
  spent: readonly ModelUse[],
): Promise<Json> {
  return entryOfEnd(await opening, at, ended, spent)
}

function entryOfEnd(
  pipeline: CompiledPipeline,
  at: AttemptPosition,
  ended: StepOutcome | IteratingLoop,
  spent: readonly ModelUse[],
): Json {
  const next = fastNext(pipeline, at, ended)
  return encodeJournaledEnd({ end: withFailedCalls(ended, spent), next })
}

function fastNext(
  pipeline: CompiledPipeline,
  { services, latency, start, done }: AttemptPosition,
  ended: StepOutcome | IteratingLoop,
): string | undefined {
  const instance = instanceOf(pipeline, start.step)
  recordLatency({ services, latency }, compiledStepAt(pipeline, instance.node).work, ended)
  const next = ended.status === 'completed' ? nextInSequence(pipeline, instance, start, done) : undefined
  if (!next) return undefined
  const { work } = compiledStepAt(pipeline, next.node)
  // a person may have to approve the call of the next step, and only a step in a turn of its own can wait
  return latency.isFast(kindOf(work)) && !mayAsk(work, start.run, services) ? instanceId(next) : undefined
}

/**
 * Updates the latency estimate. A failed or skipped step may not have
 * done its work, so it never makes the work count as fast.
 */
export function recordLatency(
  turn: WorkTimes,
  work: StepWork,
  { status, attempts, ms }: StepOutcome | IteratingLoop,
): void {
  const isDone = status === 'completed' || status === 'iterating'
  if (attempts > 0 && (isDone || turn.latency.isFast(kindOf(work)))) recordTime(turn, work, ms)
}

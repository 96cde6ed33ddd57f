import type { Json } from '../../../kernel/schema.ts'
import { nextInSegment } from '../../plan/batching.ts'
import { decodeStepEnd, encodeEnd } from '../../plan/codec.ts'
import { type CompiledPipeline, compiledStepAt, type StepWork } from '../../plan/compiled.ts'
import { instanceId, parseInstance } from '../../plan/instance.ts'
import type { CompactOutcome, CompactStepEnd, StepEnd, StepOutcome } from '../../plan/messages/step-end.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import { type ModelUse, withFailedCalls } from '../../plan/model-use.ts'
import type { RetryLater } from '../../plan/step-outcome.ts'
import type { OpenPipeline } from '../attempt.ts'
import type { AttemptOutcome, PendingCallback } from '../outcome.ts'
import type { LatencyEstimates } from './latency.ts'

/** The result of an attempt, and the step with which the turn continues. Both are journaled together, so that a replay continues in the same way. */
export type AttemptResult = PendingCallback | RetryLater | StepDone
type StepDone = { readonly end: StepEnd; readonly next?: string | undefined; readonly short?: CompactStepEnd }

/** The journal entry of a step's attempt. Entries of older versions are the end itself. */
export type StepJournalEntry =
  | PendingCallback
  | RetryLater
  | StepEnd
  | { readonly end: StepOutcome; readonly next?: string }
  | readonly [...CompactOutcome, next?: string]

/** The result that a journal entry stands for. */
export function decodeEntry({ step }: StepStart, kept: StepJournalEntry, key: string): AttemptResult {
  if (isShortEntry(kept)) return shortDone([step, kept[0], kept[1], kept[2], key], kept[3])
  if ('type' in kept) return kept.type === 'step-end' ? { end: kept } : kept
  const { end, next } = kept
  return { end: toStepEnd({ step }, end, key), next }
}

const shortDone = (short: CompactStepEnd, next: string | undefined): StepDone => ({
  end: decodeStepEnd(short),
  next,
  short,
})

const isShortEntry = (kept: StepJournalEntry): kept is Extract<StepJournalEntry, readonly unknown[]> =>
  Array.isArray(kept)

/** The end of a step as its run receives it. */
export function toStepEnd({ step }: Pick<StepStart, 'step'>, end: StepOutcome, key: string): StepEnd {
  const told = { ...end, type: 'step-end', step } as const
  return end.status !== 'skipped' && end.attempts > 0 ? { ...told, key } : told
}

/** The attempted step, and the number of steps that its turn completed before it. */
type AttemptPosition = {
  readonly latency: LatencyEstimates
  readonly open: OpenPipeline
  readonly start: StepStart
  readonly done: number
}

/** The journal entry of an outcome. */
export function entryOf(
  at: AttemptPosition,
  outcome: AttemptOutcome,
  spent: readonly ModelUse[],
): Json | Promise<Json> {
  if ('type' in outcome) return (outcome.type === 'later' ? withFailedCalls(outcome, spent) : outcome) as Json
  const opened = at.open()
  return opened instanceof Promise ? entryLater(opened, at, outcome, spent) : entryOfEnd(opened, at, outcome, spent)
}

async function entryLater(
  opening: Promise<CompiledPipeline>,
  at: AttemptPosition,
  ended: StepOutcome,
  spent: readonly ModelUse[],
): Promise<Json> {
  return entryOfEnd(await opening, at, ended, spent)
}

function entryOfEnd(
  pipeline: CompiledPipeline,
  at: AttemptPosition,
  ended: StepOutcome,
  spent: readonly ModelUse[],
): Json {
  const next = fastNext(pipeline, at, ended)
  const end = withFailedCalls(ended, spent)
  const short = encodeEnd(end)
  if (short) return next === undefined ? short : [short[0], short[1], short[2], next]
  return (next === undefined ? { end } : { end, next }) as Json
}

function fastNext(
  pipeline: CompiledPipeline,
  { latency, start, done }: AttemptPosition,
  ended: StepOutcome,
): string | undefined {
  const instance = parseInstance(pipeline, start.step)!
  recordLatency(latency, compiledStepAt(pipeline, instance.node).work, ended)
  const next = ended.status === 'completed' ? nextInSegment(pipeline, instance, start, done) : undefined
  return next && latency.isFast(compiledStepAt(pipeline, next.node).work) ? instanceId(next) : undefined
}

/** Updates the latency estimate. A failed or skipped step may not have done its work, so it never makes the work count as fast. */
export function recordLatency(latency: LatencyEstimates, work: StepWork, { status, attempts, ms }: StepOutcome): void {
  if (attempts > 0 && (status === 'completed' || latency.isFast(work))) latency.record(work, ms)
}

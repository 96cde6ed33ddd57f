import type { Json } from '../../kernel/json.ts'
import { mayAsk } from '../approval/may-ask.ts'
import type { AttemptOutcome, PendingCallback } from '../attempt/outcome.ts'
import { type LatencyEstimates, recordTime } from '../attempt/turns.ts'
import type { OpenWork, StepFacts } from '../attempt/work.ts'
import { decodeJournaledEnd, encodeJournaledEnd } from '../messages/codec.ts'
import type { IteratingLoop, StepReport } from '../messages/step-end.ts'
import type { StepStart } from '../messages/step-start.ts'
import { type ModelUse, withFailedCalls } from '../record/model-use.ts'
import type { RetryLater, StepOutcome } from '../record/outcome.ts'

/** The result of an attempt and the next step of the turn, journaled together: a replay continues the same way. */
export type AttemptResult = PendingCallback | RetryLater | StepDone
type StepDone = { readonly end: StepReport; readonly next?: string | undefined }

/** The result that a journal entry stands for. */
export function decodeEntry({ step }: StepStart, entry: Json, key: string): AttemptResult {
  if (isUnfinished(entry)) return entry as PendingCallback | RetryLater
  const { end, next } = decodeJournaledEnd(entry)
  return { end: toStepEnd({ step }, end, key), next }
}

const isUnfinished = (entry: Json) => typeof entry === 'object' && entry !== null && 'type' in entry

export function toStepEnd(
  { step }: Pick<StepStart, 'step'>,
  end: StepOutcome | IteratingLoop,
  key: string,
): StepReport {
  return end.status !== 'skipped' && end.attempts > 0
    ? { type: 'step-end', step, ...end, key }
    : { type: 'step-end', step, ...end }
}

/** The attempted step, and the number of steps that its turn completed before it. */
type AttemptPosition = {
  readonly latency: LatencyEstimates
  readonly work: OpenWork
  readonly start: StepStart
  readonly done: number
}

export function entryOf(
  at: AttemptPosition,
  outcome: AttemptOutcome,
  spent: readonly ModelUse[],
): Json | Promise<Json> {
  if ('type' in outcome) return outcome.type === 'later' ? withFailedCalls(outcome, spent) : outcome
  const facts = at.work.factsOf(at.start)
  return facts instanceof Promise ? entryLater(facts, at, outcome, spent) : entryOfEnd(facts, at, outcome, spent)
}

async function entryLater(
  facts: Promise<StepFacts>,
  at: AttemptPosition,
  ended: StepOutcome | IteratingLoop,
  spent: readonly ModelUse[],
): Promise<Json> {
  return entryOfEnd(await facts, at, ended, spent)
}

function entryOfEnd(
  facts: StepFacts,
  at: AttemptPosition,
  ended: StepOutcome | IteratingLoop,
  spent: readonly ModelUse[],
): Json {
  recordLatency(at.latency, facts, ended)
  const next = ended.status === 'completed' ? fastNext(at) : undefined
  return encodeJournaledEnd({ end: withFailedCalls(ended, spent), next })
}

function fastNext({ work, latency, start, done }: AttemptPosition): string | undefined {
  const next = work.next?.(start, done)
  if (!next) return undefined
  const { facts } = next
  // a person may have to approve the call of the next step, and only a step in a turn of its own can wait
  return latency.isFast(facts.kind) && !mayAsk(facts, start.run) ? next.step : undefined
}

/** Updates the latency estimate. A failed or skipped step may not have done its work, so it never counts as fast. */
export function recordLatency(
  latency: LatencyEstimates,
  facts: StepFacts,
  { status, attempts, ms }: StepOutcome | IteratingLoop,
): void {
  const isDone = status === 'completed' || status === 'iterating'
  if (attempts > 0 && (isDone || latency.isFast(facts.kind))) recordTime(latency, facts, ms)
}

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
import type { Ask, Outcome } from '../outcome.ts'
import type { Paces } from './latency.ts'

/** What a step came to, and which one its turn goes on with: kept together, so that a replay goes the same way. */
export type Attempted = Ask | RetryLater | Done
type Done = { readonly end: StepEnd; readonly next?: string | undefined; readonly short?: CompactStepEnd }

/** What is journaled of a step; by code that knew no segments: its end as its run is told of it. */
export type Kept =
  | Ask
  | RetryLater
  | StepEnd
  | { readonly end: StepOutcome; readonly next?: string }
  | readonly [...CompactOutcome, next?: string]

/** What a turn makes of what is journaled of a step. */
export function attempted({ step }: StepStart, kept: Kept, key: string): Attempted {
  if (isKeptShort(kept)) return doneInShort([step, kept[0], kept[1], kept[2], key], kept[3])
  if ('type' in kept) return kept.type === 'step-end' ? { end: kept } : kept
  const { end, next } = kept
  return { end: endOf({ step }, end, key), next }
}

const doneInShort = (short: CompactStepEnd, next: string | undefined): Done => ({
  end: decodeStepEnd(short),
  next,
  short,
})

const isKeptShort = (kept: Kept): kept is Extract<Kept, readonly unknown[]> => Array.isArray(kept)

/** How a step ended, as its run is told. */
export function endOf({ step }: Pick<StepStart, 'step'>, end: StepOutcome, key: string): StepEnd {
  const told = { ...end, type: 'step-end', step } as const
  return end.status !== 'skipped' && end.attempts > 0 ? { ...told, key } : told
}

/** The step that was attempted, and what its turn has done before it. */
type At = {
  readonly paces: Paces
  readonly open: OpenPipeline
  readonly start: StepStart
  readonly done: number
}

/** What is journaled of an attempt. */
export function keptOf(at: At, outcome: Outcome, spent: readonly ModelUse[]): Json | Promise<Json> {
  if ('type' in outcome) return (outcome.type === 'later' ? withFailedCalls(outcome, spent) : outcome) as Json
  const opened = at.open()
  return opened instanceof Promise ? keptLater(opened, at, outcome, spent) : keptEnd(opened, at, outcome, spent)
}

async function keptLater(
  opening: Promise<CompiledPipeline>,
  at: At,
  ended: StepOutcome,
  spent: readonly ModelUse[],
): Promise<Json> {
  return keptEnd(await opening, at, ended, spent)
}

function keptEnd(pipeline: CompiledPipeline, at: At, ended: StepOutcome, spent: readonly ModelUse[]): Json {
  const next = quickNext(pipeline, at, ended)
  const end = withFailedCalls(ended, spent)
  const short = encodeEnd(end)
  if (short) return next === undefined ? short : [short[0], short[1], short[2], next]
  return (next === undefined ? { end } : { end, next }) as Json
}

function quickNext(pipeline: CompiledPipeline, { paces, start, done }: At, ended: StepOutcome): string | undefined {
  const instance = parseInstance(pipeline, start.step)!
  notePace(paces, compiledStepAt(pipeline, instance.node).work, ended)
  const next = ended.status === 'completed' ? nextInSegment(pipeline, instance, start, done) : undefined
  return next && paces.isQuick(compiledStepAt(pipeline, next.node).work) ? instanceId(next) : undefined
}

/** Remembers how quick a step's work was: what failed or was skipped may not have been done, which makes nothing known as quick, but it may have been slow. */
export function notePace(paces: Paces, work: StepWork, { status, attempts, ms }: StepOutcome): void {
  if (attempts > 0 && (status === 'completed' || paces.isQuick(work))) paces.note(work, ms)
}

import type { Json } from '../../../kernel/schema.ts'
import { nextOf } from '../../plan/batching.ts'
import { shortEnd, stepEndOf } from '../../plan/codec.ts'
import { type CompiledPipeline, stepOf, type Work } from '../../plan/compiled.ts'
import { instanceId, parseInstance } from '../../plan/instance.ts'
import type { Ended, ShortEnd, ShortStepEnd, StepEnd } from '../../plan/messages/step-end.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import { type ModelUse, withFailed } from '../../plan/model-use.ts'
import type { Later } from '../../plan/step-outcome.ts'
import type { OpenPipeline } from '../attempt.ts'
import type { Ask, Outcome } from '../outcome.ts'
import type { Paces } from './latency.ts'

/** What a step came to, and which one its turn goes on with: kept together, so that a replay goes the same way. */
export type Attempted = Ask | Later | Done
type Done = { readonly end: StepEnd; readonly next?: string | undefined; readonly short?: ShortStepEnd }

/** What is journaled of a step; by code that knew no segments: its end as its run is told of it. */
export type Kept =
  | Ask
  | Later
  | StepEnd
  | { readonly end: Ended; readonly next?: string }
  | readonly [...ShortEnd, next?: string]

/** What a turn makes of what is journaled of a step. */
export function attempted({ step }: StepStart, kept: Kept, key: string): Attempted {
  if (isKeptShort(kept)) return doneInShort([step, kept[0], kept[1], kept[2], key], kept[3])
  if ('type' in kept) return kept.type === 'step-end' ? { end: kept } : kept
  const { end, next } = kept
  return { end: endOf({ step }, end, key), next }
}

const doneInShort = (short: ShortStepEnd, next: string | undefined): Done => ({ end: stepEndOf(short), next, short })

const isKeptShort = (kept: Kept): kept is Extract<Kept, readonly unknown[]> => Array.isArray(kept)

/** How a step ended, as its run is told. */
export function endOf({ step }: Pick<StepStart, 'step'>, end: Ended, key: string): StepEnd {
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
  if ('type' in outcome) return (outcome.type === 'later' ? withFailed(outcome, spent) : outcome) as Json
  const opened = at.open()
  return opened instanceof Promise ? keptLater(opened, at, outcome, spent) : keptEnd(opened, at, outcome, spent)
}

async function keptLater(
  opening: Promise<CompiledPipeline>,
  at: At,
  ended: Ended,
  spent: readonly ModelUse[],
): Promise<Json> {
  return keptEnd(await opening, at, ended, spent)
}

function keptEnd(pipeline: CompiledPipeline, at: At, ended: Ended, spent: readonly ModelUse[]): Json {
  const next = quickNext(pipeline, at, ended)
  const end = withFailed(ended, spent)
  const short = shortEnd(end)
  if (short) return next === undefined ? short : [short[0], short[1], short[2], next]
  return (next === undefined ? { end } : { end, next }) as Json
}

function quickNext(pipeline: CompiledPipeline, { paces, start, done }: At, ended: Ended): string | undefined {
  const instance = parseInstance(pipeline, start.step)!
  notePace(paces, stepOf(pipeline, instance.node).work, ended)
  const next = ended.status === 'completed' ? nextOf(pipeline, instance, start, done) : undefined
  return next && paces.isQuick(stepOf(pipeline, next.node).work) ? instanceId(next) : undefined
}

/** Remembers how quick a step's work was: what failed or was skipped may not have been done, which makes nothing known as quick, but it may have been slow. */
export function notePace(paces: Paces, work: Work, { status, attempts, ms }: Ended): void {
  if (attempts > 0 && (status === 'completed' || paces.isQuick(work))) paces.note(work, ms)
}

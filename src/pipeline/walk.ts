import { type Problem, problemOf } from '../errors.ts'
import { isInterruption } from '../kernel/interrupt.ts'
import type { Json } from '../kernel/schema.ts'
import type { Call, Effects, Turn } from '../kernel/types.ts'
import { putQuestion } from './ask.ts'
import { type CompiledPipeline, stepOf } from './compiled.ts'
import { instanceId, parseInstance } from './instance.ts'
import type { StepEnd, StepStart } from './messages.ts'
import { nextOf, startNext } from './segment.ts'
import type { StepState } from './step.ts'
import { type Ask, type Ended, execute, type OpenPipeline } from './work/execute.ts'
import type { PipelineServices } from './work/job.ts'
import type { Paces } from './work/pace.ts'

/** What steps are done with, and how quick that has been. */
export type Hands = { readonly services: PipelineServices; readonly paces: Paces }

/** Does a step, and in the same turn those behind it while each is known to be quick: so a slow one is always told of when it starts. */
export async function walk(hands: Hands, first: StepStart, effects: Effects): Promise<Turn<StepState>> {
  const ends: StepEnd[] = []
  const open = opener(hands, first)
  for (let start = first; ; ) {
    const outcome = await attempt({ ...hands, open, start, done: ends.length }, effects)
    if ('type' in outcome) return putQuestion(start, outcome, effects)
    ends.push(outcome.end)
    if (outcome.next === undefined) return { reply: replyOf(ends), stop: true }
    const opened = open()
    start = startNext(opened instanceof Promise ? await opened : opened, start, outcome.end, outcome.next)
  }
}

function opener({ services }: Hands, { pipeline: hash }: StepStart): OpenPipeline {
  let pipeline: CompiledPipeline | undefined
  const load = async () => {
    pipeline = (await services.values.get(hash)) as unknown as CompiledPipeline
    return pipeline
  }
  return () => pipeline ?? load()
}

function replyOf(ends: readonly StepEnd[]): Json {
  return (ends.length === 1 ? ends[0] : { type: 'segment-end', ends }) as Json
}

/** How a step ends whose failure nobody could account for. */
export function failedEnd(step: string, problem: Problem): StepEnd {
  return { type: 'step-end', step, status: 'failed', attempts: 1, ms: 0, problem }
}

/** What a step came to, and which one its turn goes on with: kept together, so that a replay goes the same way. */
type Attempted = Ask | { readonly end: StepEnd; readonly next?: string | undefined }

/** One step of a turn that has done others before it. */
type Stride = Hands & { readonly open: OpenPipeline; readonly start: StepStart; readonly done: number }

function attempt(stride: Stride, effects: Effects): Promise<Attempted> {
  const { start, done } = stride
  const name = done === 0 ? EXECUTE : `${EXECUTE}:${start.step}`
  const act = (call: Call) => executeOne(stride, call, effects.emit)
  return effects.run<Json>(name, act, { effect: start.effect }).then(
    (kept) => attempted(start, kept as unknown as Kept, `${effects.message.id}/${name}`),
    (error) => {
      if (isInterruption(error)) throw error
      return { end: failedEnd(start.step, problemOf(error)) }
    },
  )
}

const EXECUTE = 'execute'

/** The step that an effect of a step's turn does; undefined when it is another kind of effect. */
export function stepAtWork(first: string, effect: string): string | undefined {
  if (effect === EXECUTE) return first
  return effect.startsWith(`${EXECUTE}:`) ? effect.slice(EXECUTE.length + 1) : undefined
}

/** What is journaled of a step; by code that knew no segments: its end as its run is told of it. */
type Kept = Ask | StepEnd | { readonly end: Ended; readonly next?: string }

function attempted({ step }: StepStart, kept: Kept, key: string): Attempted {
  if ('type' in kept) return kept.type === 'ask' ? kept : { end: kept }
  const { end, next } = kept
  return { end: { type: 'step-end', step, ...end, ...(end.status !== 'skipped' && { key }) }, next }
}

async function executeOne(stride: Stride, call: Call, emit: Effects['emit']): Promise<Json> {
  const { services, open, start } = stride
  const outcome = await execute(services, open, start, call, emit)
  if ('type' in outcome) return outcome as Json
  const opened = open()
  const next = start.alone ? quickNext(opened instanceof Promise ? await opened : opened, stride, outcome) : undefined
  return { end: outcome, ...(next !== undefined && { next }) } as Json
}

function quickNext(
  pipeline: CompiledPipeline,
  { paces, start, done }: Stride,
  { status, ms }: Ended,
): string | undefined {
  const { work } = stepOf(pipeline, parseInstance(pipeline, start.step)!.node)
  // what failed or was skipped may not have been done: that makes nothing known as quick, but it may have been slow
  if (status === 'completed' || paces.isQuick(work)) paces.note(work, ms)
  const next = status === 'completed' ? nextOf(pipeline, start, done) : undefined
  return next && paces.isQuick(stepOf(pipeline, next.node).work) ? instanceId(next) : undefined
}

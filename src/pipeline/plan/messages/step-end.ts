import { z } from 'zod'
import type { Problem } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { Made } from '../artifact.ts'
import type { ModelUse } from '../model-use.ts'
import type { Ref } from '../refs.ts'
import type { FailedHandler } from '../step-outcome.ts'
import { count, isMap, maps, maybe, problem, ref } from './fields.ts'
import type { Came } from './step-start.ts'

/** What a loop tells its run at first, and whenever it is asked what now and turns on: how many iterations there are to be. */
export type LoopReply = {
  /** what it goes over, and how often it may turn; told once */
  readonly list?: Ref
  readonly most?: number
  /** how many iterations may be in flight, where a template told */
  readonly width?: number
  readonly length: number
}

/** What a step tells its run when it is done; `loop`: it is a loop, and is not done at all. */
export type StepEnd = {
  readonly type: 'step-end'
  readonly step: string
  readonly status: 'completed' | 'failed' | 'skipped'
  readonly attempts: number
  readonly ms: number
  readonly key?: string
  readonly result?: Ref
  readonly problem?: Problem
  readonly reason?: string
  /** where it goes on, of the steps that it may */
  readonly goto?: string
  /** of the steps that another one may wait for those that it does */
  readonly depends?: readonly string[]
  /** the models that answered for it */
  readonly models?: readonly ModelUse[]
  /** something else than what was wanted had to do */
  readonly degraded?: true
  readonly artifact?: Made
  /** what stands for all that the files held which its model was given */
  readonly files?: string
  /** what stands for the files that its texts asked for, and for what these held */
  readonly looked?: string
  /** it came to what is recorded of an earlier run; without an attempt: it was taken over */
  readonly same?: true
  /** of the outputs: those that could not be told */
  readonly warnings?: readonly string[]
  readonly loop?: LoopReply
  /** of a loop that is done: what it went over */
  readonly list?: Ref
  /** what was done about its failure, and how loudly that is told */
  readonly handled?: string
  readonly level?: string
  /** handlers that were to, and failed themselves */
  readonly failedHandlers?: readonly FailedHandler[]
  /** steps on standby that were done for it */
  readonly others?: readonly StepEnd[]
  /** what its tool wants to know to undo what it did */
  readonly memo?: Ref
}

/** How a step ended, in all its fields or in short. */
export type ToldEnd = StepEnd | ShortStepEnd

/** What a step tells its run when it pauses before another attempt. */
export type StepWait = {
  readonly type: 'step-wait'
  readonly step: string
  /** ms since the epoch */
  readonly until: number
  readonly attempts: number
  readonly problem: Problem
}

/** What a turn that did steps one after another tells their run: how each of them ended, in order. */
export type SegmentEnd = { readonly type: 'segment-end'; readonly ends: readonly [ToldEnd, ...ToldEnd[]] }

/** What a turn that began several steps side by side tells their run; `of`: the first of all. */
export type GroupEnd = {
  readonly type: 'group-end'
  readonly of: string
  /** how those ended that did so at once */
  readonly ends: readonly ToldEnd[]
  /** those that need turns of their own */
  readonly apart: readonly Apart[]
}

/** A step that did not end beside the others: the idempotency key of its call, and what that came to if it was made. */
export type Apart = { readonly step: string; readonly key: string; readonly came?: Came }

/** How a step ended, without what follows from its place. */
export type Ended = Omit<StepEnd, 'type' | 'step' | 'key'>

// nearly all steps end well at the first attempt: of those it is not written each time that they did, and what all its fields are called.
// Fields are read by number: taking apart a list that is frozen makes an object for each of them

/** How a step ended, as it is written in a journal: whole, or what it came to, what it was called with, and the ms it took. */
export type ShortEnd = readonly [result: Json, parameters: Json, ms: number]

/** The same as a step tells it its run: with which step it is, and the idempotency key of its call. */
export type ShortStepEnd = readonly [step: string, ...ShortEnd, key: string]

/** How steps were taken back; `last`: there are no more. */
export type Undone = { readonly type: 'undone'; readonly steps: readonly TakenBack[]; readonly last: boolean }

/** Whether what a step did was undone, and why not. */
export type TakenBack = { readonly step: string; readonly undone: boolean; readonly problem?: Problem }

const made = z.custom<Made>((value) => isMap(value) && typeof value.location === 'string')

/** How a step ended, as it is checked. */
export const stepEnd = z.object({
  type: z.literal('step-end'),
  step: z.string(),
  status: z.enum(['completed', 'failed', 'skipped']),
  attempts: count,
  ms: count,
  key: maybe(z.string()),
  result: maybe(ref),
  problem: maybe(problem),
  reason: maybe(z.string()),
  goto: maybe(z.string()),
  depends: maybe(z.array(z.string())),
  models: maybe(maps<ModelUse>()),
  degraded: maybe(z.literal(true)),
  artifact: maybe(made),
  files: maybe(z.string()),
  looked: maybe(z.string()),
  same: maybe(z.literal(true)),
  warnings: maybe(z.array(z.string())),
  list: maybe(ref),
  loop: maybe(z.object({ list: maybe(ref), most: maybe(count), width: maybe(count), length: count })),
  handled: maybe(z.string()),
  level: maybe(z.string()),
  failedHandlers: maybe(maps<FailedHandler>()),
  memo: maybe(ref),
  others: maybe(z.custom<readonly StepEnd[]>((value) => Array.isArray(value) && value.every(isEnd))),
})

/** That a step waits, as it is checked. */
export const stepWait = z.object({
  type: z.literal('step-wait'),
  step: z.string(),
  until: count,
  attempts: count,
  problem,
})

/** How several steps ended, as it is checked. */
export const segmentEnd = z.object({
  type: z.literal('segment-end'),
  ends: z.custom<SegmentEnd['ends']>((value) => Array.isArray(value) && value.length > 0 && value.every(isEnd)),
})

/** What became of a group, as it is checked. */
export const groupEnd = z.object({
  type: z.literal('group-end'),
  of: z.string(),
  ends: z.custom<GroupEnd['ends']>((value) => Array.isArray(value) && value.every(isEnd)),
  apart: maps<Apart>(),
})

function isEnd(value: unknown): boolean {
  if (Array.isArray(value)) return typeof value[0] === 'string' && typeof value[3] === 'number' && value.length === 5
  return isMap(value) && value.type === 'step-end' && typeof value.step === 'string' && typeof value.status === 'string'
}

/** How a step ends whose failure nobody could account for. */
export function failedEnd(step: string, problem: Problem): StepEnd {
  return { type: 'step-end', step, status: 'failed', attempts: 1, ms: 0, problem }
}

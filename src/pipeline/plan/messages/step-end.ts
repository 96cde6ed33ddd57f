import { z } from 'zod'
import type { Problem } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { Artifact } from '../artifact.ts'
import type { ModelUse } from '../model-use.ts'
import type { ValueRef } from '../refs.ts'
import type { FailedHandler } from '../step-outcome.ts'
import { countSchema, isObject, listOfMaps, optionalField, problemSchema, refSchema } from './fields.ts'
import type { PriorOutcome } from './step-start.ts'

/** What a loop tells its run at first, and whenever it is asked what now and turns on: how many iterations there are to be. */
export type LoopPlan = {
  /** what it goes over, and how often it may turn; told once */
  readonly list?: ValueRef
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
  readonly result?: ValueRef
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
  readonly artifact?: Artifact
  /** what stands for all that the files held which its model was given */
  readonly files?: string
  /** what stands for the files that its texts asked for, and for what these held */
  readonly looked?: string
  /** it came to what is recorded of an earlier run; without an attempt: it was taken over */
  readonly same?: true
  /** of the outputs: those that could not be told */
  readonly warnings?: readonly string[]
  readonly loop?: LoopPlan
  /** of a loop that is done: what it went over */
  readonly list?: ValueRef
  /** what was done about its failure, and how loudly that is told */
  readonly handled?: string
  readonly level?: string
  /** handlers that were to, and failed themselves */
  readonly failedHandlers?: readonly FailedHandler[]
  /** steps on standby that were done for it */
  readonly others?: readonly StepEnd[]
  /** what its tool wants to know to undo what it did */
  readonly memo?: ValueRef
}

/** How a step ended, in all its fields or in short. */
export type EncodedStepEnd = StepEnd | CompactStepEnd

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
export type SegmentEnd = { readonly type: 'segment-end'; readonly ends: readonly [EncodedStepEnd, ...EncodedStepEnd[]] }

/** What a turn that began several steps side by side tells their run; `of`: the first of all. */
export type GroupEnd = {
  readonly type: 'group-end'
  readonly of: string
  /** how those ended that did so at once */
  readonly ends: readonly EncodedStepEnd[]
  /** those that need turns of their own */
  readonly apart: readonly DeferredStep[]
}

/** A step that did not end beside the others: the idempotency key of its call, and what that came to if it was made. */
export type DeferredStep = { readonly step: string; readonly key: string; readonly came?: PriorOutcome }

/** How a step ended, without what follows from its place. */
export type StepOutcome = Omit<StepEnd, 'type' | 'step' | 'key'>

// nearly all steps end well at the first attempt: of those it is not written each time that they did, and what all its fields are called.
// Fields are read by number: taking apart a list that is frozen makes an object for each of them

/** How a step ended, as it is written in a journal: whole, or what it came to, what it was called with, and the ms it took. */
export type CompactOutcome = readonly [result: Json, parameters: Json, ms: number]

/** The same as a step tells it its run: with which step it is, and the idempotency key of its call. */
export type CompactStepEnd = readonly [step: string, ...CompactOutcome, key: string]

/** How steps were taken back; `last`: there are no more. */
export type UndoProgress = { readonly type: 'undone'; readonly steps: readonly UndoneStep[]; readonly last: boolean }

/** Whether what a step did was undone, and why not. */
export type UndoneStep = { readonly step: string; readonly undone: boolean; readonly problem?: Problem }

const artifactSchema = z.custom<Artifact>((value) => isObject(value) && typeof value.location === 'string')

/** How a step ended, as it is checked. */
export const stepEndSchema = z.object({
  type: z.literal('step-end'),
  step: z.string(),
  status: z.enum(['completed', 'failed', 'skipped']),
  attempts: countSchema,
  ms: countSchema,
  key: optionalField(z.string()),
  result: optionalField(refSchema),
  problem: optionalField(problemSchema),
  reason: optionalField(z.string()),
  goto: optionalField(z.string()),
  depends: optionalField(z.array(z.string())),
  models: optionalField(listOfMaps<ModelUse>()),
  degraded: optionalField(z.literal(true)),
  artifact: optionalField(artifactSchema),
  files: optionalField(z.string()),
  looked: optionalField(z.string()),
  same: optionalField(z.literal(true)),
  warnings: optionalField(z.array(z.string())),
  list: optionalField(refSchema),
  loop: optionalField(
    z.object({
      list: optionalField(refSchema),
      most: optionalField(countSchema),
      width: optionalField(countSchema),
      length: countSchema,
    }),
  ),
  handled: optionalField(z.string()),
  level: optionalField(z.string()),
  failedHandlers: optionalField(listOfMaps<FailedHandler>()),
  memo: optionalField(refSchema),
  others: optionalField(z.custom<readonly StepEnd[]>((value) => Array.isArray(value) && value.every(isEnd))),
})

/** That a step waits, as it is checked. */
export const stepWaitSchema = z.object({
  type: z.literal('step-wait'),
  step: z.string(),
  until: countSchema,
  attempts: countSchema,
  problem: problemSchema,
})

/** How several steps ended, as it is checked. */
export const segmentEndSchema = z.object({
  type: z.literal('segment-end'),
  ends: z.custom<SegmentEnd['ends']>((value) => Array.isArray(value) && value.length > 0 && value.every(isEnd)),
})

/** What became of a group, as it is checked. */
export const groupEndSchema = z.object({
  type: z.literal('group-end'),
  of: z.string(),
  ends: z.custom<GroupEnd['ends']>((value) => Array.isArray(value) && value.every(isEnd)),
  apart: listOfMaps<DeferredStep>(),
})

function isEnd(value: unknown): boolean {
  if (Array.isArray(value)) return typeof value[0] === 'string' && typeof value[3] === 'number' && value.length === 5
  return (
    isObject(value) && value.type === 'step-end' && typeof value.step === 'string' && typeof value.status === 'string'
  )
}

/** How a step ends whose failure nobody could account for. */
export function failedEnd(step: string, problem: Problem): StepEnd {
  return { type: 'step-end', step, status: 'failed', attempts: 1, ms: 0, problem }
}

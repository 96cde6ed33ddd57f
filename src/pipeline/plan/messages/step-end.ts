import { z } from 'zod'
import type { Problem } from '../../../errors.ts'
import type { Artifact } from '../artifact.ts'
import { decodeEnds } from '../codec.ts'
import type { ModelUse } from '../model-use.ts'
import type { ValueRef } from '../refs.ts'
import type { FailedHandler } from '../step-outcome.ts'
import { countSchema, isObject, listOfMaps, optionalField, problemSchema, refSchema } from './fields.ts'
import type { PriorOutcome } from './step-start.ts'

/** The reply of a loop to its run: how many iterations there are to be. Sent at first and after each evaluated condition. */
export type LoopPlan = {
  /** the list, and the maximum number of iterations; sent once */
  readonly list?: ValueRef
  readonly most?: number
  /** how many iterations may be in flight, where a template told */
  readonly width?: number
  readonly length: number
}

/** The message of a step to its run when it ends. With `loop` the step is a loop that goes on. */
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
  /** the target its dynamic route chose */
  readonly goto?: string
  /** the chosen dependencies of another step */
  readonly depends?: readonly string[]
  /** the models that answered for it */
  readonly models?: readonly ModelUse[]
  /** a fallback produced the result */
  readonly degraded?: true
  readonly artifact?: Artifact
  /** digest of the files its model was given */
  readonly files?: string
  /** digest of the files its templates read */
  readonly looked?: string
  /** the result equals that of an earlier run; with no attempt it was reused */
  readonly same?: true
  /** outputs that could not be rendered */
  readonly warnings?: readonly string[]
  readonly loop?: LoopPlan
  /** the list of a loop that has ended */
  readonly list?: ValueRef
  /** how its failure was handled; `level`: the log level of that */
  readonly handled?: string
  readonly level?: string
  /** handlers that failed themselves */
  readonly failedHandlers?: readonly FailedHandler[]
  /** ends of the standby steps that ran for it */
  readonly others?: readonly StepEnd[]
  /** data its tool needs to undo the step */
  readonly memo?: ValueRef
}

/** The message of a step to its run when it pauses before another attempt. */
export type StepWait = {
  readonly type: 'step-wait'
  readonly step: string
  /** ms since the epoch */
  readonly until: number
  readonly attempts: number
  readonly problem: Problem
}

/** The message of a turn that ran steps in sequence: the end of each, in order. */
export type SegmentEnd = { readonly type: 'segment-end'; readonly ends: readonly [StepEnd, ...StepEnd[]] }

/** The message of a turn that ran steps in parallel. `of`: the first step of the batch. */
export type GroupEnd = {
  readonly type: 'group-end'
  readonly of: string
  /** ends of the steps that ended in this turn */
  readonly ends: readonly StepEnd[]
  /** steps that need turns of their own */
  readonly apart: readonly DeferredStep[]
}

/** A step that did not end in its batch: the idempotency key of its call, and the first outcome if the call was made. */
export type DeferredStep = { readonly step: string; readonly key: string; readonly came?: PriorOutcome }

/** The outcome of a step, without the fields that identify it. */
export type StepOutcome = Omit<StepEnd, 'type' | 'step' | 'key'>

/** Reports undone steps. `last`: there are no more. */
export type UndoProgress = { readonly type: 'undone'; readonly steps: readonly UndoneStep[]; readonly last: boolean }

/** Whether a step was undone, and why not. */
export type UndoneStep = { readonly step: string; readonly undone: boolean; readonly problem?: Problem }

const artifactSchema = z.custom<Artifact>((value) => isObject(value) && typeof value.location === 'string')

/** Schema of `StepEnd`. */
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
  others: optionalField(z.custom<readonly StepEnd[]>((value) => Array.isArray(value) && value.every(isStepEnd))),
})

/** Schema of `StepWait`. */
export const stepWaitSchema = z.object({
  type: z.literal('step-wait'),
  step: z.string(),
  until: countSchema,
  attempts: countSchema,
  problem: problemSchema,
})

const encodedEnds = z.unknown().transform((stored, { addIssue }) => {
  const ends = decodeEnds(stored)
  if (!ends) addIssue('expected a list of ends of steps')
  return ends ?? []
})

/** Schema of `SegmentEnd`. */
export const segmentEndSchema = z.object({
  type: z.literal('segment-end'),
  ends: encodedEnds.refine((ends): ends is SegmentEnd['ends'] => ends.length > 0),
})

/** Schema of `GroupEnd`. */
export const groupEndSchema = z.object({
  type: z.literal('group-end'),
  of: z.string(),
  ends: encodedEnds,
  apart: listOfMaps<DeferredStep>(),
})

function isStepEnd(value: unknown): boolean {
  return (
    isObject(value) && value.type === 'step-end' && typeof value.step === 'string' && typeof value.status === 'string'
  )
}

/** The end of a step that failed outside of its own work. */
export function failedEnd(step: string, problem: Problem): StepEnd {
  return { type: 'step-end', step, status: 'failed', attempts: 1, ms: 0, problem }
}

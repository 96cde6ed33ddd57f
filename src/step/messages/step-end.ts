import { z } from 'zod'
import type { Problem } from '../../errors.ts'
import { countSchema, isObject, listOfMaps, optionalField, problemSchema, refSchema } from '../fields.ts'
import type { ModelUse } from '../record/model-use.ts'
import { completedFields, failedFields, type PriorOutcome, type StepOutcome, skippedFields } from '../record/outcome.ts'
import type { StepTry, UndoneStep } from '../record/step.ts'
import { decodeEnds } from './codec.ts'

const loopPlanSchema = z.object({
  /** the list, or the maximum number of iterations; sent once */
  list: optionalField(refSchema),
  most: optionalField(countSchema),
  /** maximum number of iterations in flight, if a template yielded it */
  width: optionalField(countSchema),
  length: countSchema,
})

/** The reply of a loop to its run: how many iterations there are to be, at first and after each evaluated condition. */
export type LoopPlan = Readonly<z.infer<typeof loopPlanSchema>>

const iteratingFields = {
  status: z.literal('iterating'),
  attempts: countSchema,
  ms: countSchema,
  models: optionalField(listOfMaps<ModelUse>()),
  plan: loopPlanSchema,
}

/** A loop that continues. */
export type IteratingLoop = Readonly<z.infer<z.ZodObject<typeof iteratingFields>>>

/** The outcome of a standby step that ran for another one. */
export type StandbyEnd = StepOutcome & { readonly type: 'step-end'; readonly step: string }

const reportFields = {
  type: z.literal('step-end'),
  step: z.string(),
  /** the idempotency key of its call */
  key: optionalField(z.string()),
}
const endFields = {
  ...reportFields,
  standby: optionalField(z.custom<readonly StandbyEnd[]>((value) => Array.isArray(value) && value.every(isObject))),
}
const stepEndSchema = z.discriminatedUnion('status', [
  z.object({ ...endFields, ...completedFields }),
  z.object({ ...endFields, ...failedFields }),
  z.object({ ...endFields, ...skippedFields }),
])
const loopReportSchema = z.object({ ...reportFields, ...iteratingFields })

export const stepReportSchema = z.discriminatedUnion('status', [stepEndSchema, loopReportSchema])

/** The message of a step to its run when it has ended. */
export type StepEnd = Readonly<z.infer<typeof stepEndSchema>>
/** The message of a loop that continues to its run. */
export type LoopReport = Readonly<z.infer<typeof loopReportSchema>>
export type StepReport = StepEnd | LoopReport

export const stepWaitSchema = z.object({
  type: z.literal('step-wait'),
  step: z.string(),
  /** ms since the epoch */
  until: countSchema,
  attempts: countSchema,
  problem: problemSchema,
  at: optionalField(countSchema),
  ms: optionalField(countSchema),
  tries: optionalField(listOfMaps<StepTry>()),
})

const encodedEnds = z.unknown().transform((stored, { addIssue }): readonly StepEnd[] => {
  const ends = decodeEnds(stored)
  if (!ends) addIssue('expected a list of ends of steps')
  return ends ?? []
})

const sequenceEndSchema = z.object({
  type: z.literal('batch-end'),
  mode: z.literal('sequence'),
  ends: encodedEnds.refine((ends): ends is readonly [StepEnd, ...StepEnd[]] => ends.length > 0),
})
const parallelEndSchema = z.object({
  type: z.literal('batch-end'),
  mode: z.literal('parallel'),
  /** the first step of the batch */
  of: z.string(),
  /** ends of the steps that ended in this turn */
  ends: encodedEnds,
  /** steps that need turns of their own */
  deferred: listOfMaps<DeferredStep>(),
})

export const batchEndSchema = z.discriminatedUnion('mode', [sequenceEndSchema, parallelEndSchema])

/** The steps of a batch that ran one after another: the end of each, in order. A single step is a sequence of one. */
export type SequenceEnd = Readonly<z.infer<typeof sequenceEndSchema>>
/** The steps of a batch that ran side by side. */
export type ParallelEnd = Readonly<z.infer<typeof parallelEndSchema>>
/** The message of a turn that ran the steps of a batch. */
export type BatchEnd = SequenceEnd | ParallelEnd

/** A step that did not end in its batch: the idempotency key of its call, and the first outcome if it was made. */
export type DeferredStep = { readonly step: string; readonly key: string; readonly priorOutcome?: PriorOutcome }

export const undoProgressSchema = z.object({
  type: z.literal('undone'),
  steps: listOfMaps<UndoneStep>(),
  /** there are no more */
  last: z.boolean(),
})

/** Reports undone steps. */
export type UndoProgress = Readonly<z.infer<typeof undoProgressSchema>>

/** The steps that ended by a report. A loop that continues has not. */
export function endsOf(report: StepReport | BatchEnd): readonly StepEnd[] {
  if (report.type === 'batch-end') return report.ends
  return report.status === 'iterating' ? [] : [report]
}

/** The end of a step that failed outside of its own work. */
export function failedEnd(step: string, problem: Problem): StepEnd {
  return { type: 'step-end', step, status: 'failed', attempts: 1, ms: 0, problem }
}

import { z } from 'zod'
import type { Problem } from '../../../errors.ts'
import type { EffectClass } from '../../../kernel/types.ts'
import type { AutoAnswer } from '../auto-tag.ts'
import type { ValueRef } from '../refs.ts'
import type { RetryLater, StepProblem } from '../step-outcome.ts'
import { countSchema, isObject, listOfMaps, optionalField, problemSchema, refSchema } from './fields.ts'
import type { RunProvenance } from './run-start.ts'

/** Starts a step. The message holds all it needs, so that the step reads nothing from its run. */
export type StepStart = {
  readonly type: 'start'
  readonly pipeline: string
  readonly run: { readonly id: string; readonly startedAt: number }
  readonly step: string
  readonly inputs: ValueRef
  readonly granted?: readonly string[]
  readonly untrusted?: true
  /** the owner of the run; absent: the local owner */
  readonly owner?: string
  readonly provenance?: RunProvenance
  readonly recorded?: ValueRef
  /** the values it reads, by node; `parts`: there are too many to send, so it reads the parts of the run */
  readonly reads: { readonly [node: string]: StepRead } | 'parts'
  /** progress of the loops around it by node, and its own when it evaluates its conditions */
  readonly loops?: { readonly [node: string]: LoopView }
  /** for a loop that evaluates its conditions: the number of ended iterations, and the failed step */
  readonly turn?: number
  readonly problem?: StepProblem
  readonly attempts: number
  /** a failure that the tool only reports is retried too */
  readonly insists?: true
  /** remaining ms of the timeout of its iteration */
  readonly left?: number
  /** the step has AUTO tags to resolve first */
  readonly asks?: true
  /** answers to its AUTO tags */
  readonly answers?: readonly AutoAnswer[]
  /** nothing else of the run is in flight, so dependents may follow in the same turn */
  readonly alone?: true
  readonly effect: EffectClass
  /** the step may be undone later, so its tool records the previous state */
  readonly undoable?: true
  /** other members of the batch, which run in parallel */
  readonly beside?: readonly BatchMember[]
  /** for a step deferred from a batch: the idempotency key of its call, and the first outcome if the call was made */
  readonly key?: string
  readonly came?: PriorOutcome
}

/** The first outcome of a deferred call: an error to retry in place, or a retry after a longer delay. */
export type PriorOutcome = { readonly type: 'thrown'; readonly problem: Problem } | RetryLater

/** A further member of a batch: the fields in which its start differs. Without `reads` it reads the same values. */
export type BatchMember = Pick<StepStart, 'step' | 'attempts' | 'insists' | 'effect'> &
  Partial<Pick<StepStart, 'reads'>>

/** The progress of a loop as a step sees it. `ms`: the total duration of its steps so far. */
export type LoopView = {
  readonly list?: ValueRef
  readonly most?: number
  readonly length: number
  readonly ms: number
}
export type StepRead = {
  readonly status: string
  readonly result?: ValueRef
  readonly problem?: Problem
  readonly reason?: string
  /** what was done about its failure */
  readonly handled?: string
  readonly same?: true
}

/** Undoes the steps of a run, the last one first. `list`: the remaining steps, from number `from`. */
export type UndoStart = Pick<StepStart, 'pipeline' | 'run' | 'granted' | 'untrusted'> & {
  readonly type: 'undo'
  readonly from: number
  readonly list?: ValueRef
}

/** The id of the step that undoes the other steps of its run. */
export const UNDO_STEP = 'undo'

const readsSchema = z.custom<StepStart['reads']>((value) => value === 'parts' || isObject(value))
const loopsSchema = z.custom<NonNullable<StepStart['loops']>>(isObject)

/** Schema of `StepStart`. */
export const stepStartSchema: z.ZodType<StepStart> = z.object({
  type: z.literal('start'),
  pipeline: z.string(),
  run: z.object({ id: z.string(), startedAt: countSchema }),
  granted: optionalField(z.array(z.string())),
  untrusted: optionalField(z.literal(true)),
  owner: optionalField(z.string()),
  provenance: optionalField(z.custom<RunProvenance>(isObject)),
  recorded: optionalField(refSchema),
  step: z.string(),
  inputs: refSchema,
  reads: readsSchema,
  loops: optionalField(loopsSchema),
  turn: optionalField(countSchema),
  problem: optionalField(problemSchema),
  attempts: countSchema,
  insists: optionalField(z.literal(true)),
  left: optionalField(countSchema),
  asks: optionalField(z.literal(true)),
  answers: optionalField(listOfMaps<AutoAnswer>()),
  alone: optionalField(z.literal(true)),
  effect: z.enum(['pure', 'idempotent', 'at-most-once']),
  undoable: optionalField(z.literal(true)),
  beside: optionalField(listOfMaps<BatchMember>()),
  key: optionalField(z.string()),
  came: optionalField(z.custom<PriorOutcome>(isObject)),
})

/** The key by which a worker queue is fair: the owner of the run, else the run itself. */
export function fairnessKey({ run, owner }: StepStart): string {
  return owner ?? run.id
}

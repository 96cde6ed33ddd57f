import { z } from 'zod'
import type { Problem } from '../../../errors.ts'
import type { EffectClass } from '../../../kernel/types.ts'
import type { AutoAnswer } from '../auto-tag.ts'
import type { ValueRef } from '../refs.ts'
import type { RetryLater, StepProblem } from '../step-outcome.ts'
import { countSchema, isObject, listOfMaps, optionalField, problemSchema, refSchema } from './fields.ts'
import type { RunProvenance } from './run-start.ts'

/** Starts a step: all it needs to know, so that it asks its run for nothing. */
export type StepStart = {
  readonly type: 'start'
  readonly pipeline: string
  readonly run: { readonly id: string; readonly startedAt: number }
  readonly step: string
  readonly inputs: ValueRef
  readonly granted?: readonly string[]
  readonly untrusted?: true
  /** whose run it is; absent: the local one's */
  readonly owner?: string
  readonly provenance?: RunProvenance
  readonly recorded?: ValueRef
  /** the values it reads, by node; `parts`: too many to send, they lie in the run's parts */
  readonly reads: { readonly [node: string]: StepRead } | 'parts'
  /** how far the loops around it are, by their nodes, and it itself when it is asked what now */
  readonly loops?: { readonly [node: string]: LoopView }
  /** of a loop that is asked what now: how many iterations have ended, and which step failed */
  readonly turn?: number
  readonly problem?: StepProblem
  readonly attempts: number
  /** a failure that its tool only reports is tried again too */
  readonly insists?: true
  /** ms that are left of what its iteration may take */
  readonly left?: number
  /** it asks a model something before it acts */
  readonly asks?: true
  /** what it was told when it asked */
  readonly answers?: readonly AutoAnswer[]
  /** nothing else of its run is in flight: those behind it may follow in the same turn */
  readonly alone?: true
  readonly effect: EffectClass
  /** what it does may be undone: how things were is to be kept */
  readonly undoable?: true
  /** what starts along with it, to be done side by side */
  readonly beside?: readonly BatchMember[]
  /** it was started beside others before: the idempotency key of its call, and what that came to if it was made */
  readonly key?: string
  readonly came?: PriorOutcome
}

/** Why a call is worth another attempt: after a pause in place, or after one that is too long for that. */
export type PriorOutcome = { readonly type: 'thrown'; readonly problem: Problem } | RetryLater

/** How the start of another step differs; without `reads` it reads the same. */
export type BatchMember = Pick<StepStart, 'step' | 'attempts' | 'insists' | 'effect'> &
  Partial<Pick<StepStart, 'reads'>>

/** What a step is told of a loop; `ms`: what its steps took so far. */
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

/** Has what a run did taken back, the last step first; `list`: what is left of that, from number `from`. */
export type UndoStart = Pick<StepStart, 'pipeline' | 'run' | 'granted' | 'untrusted'> & {
  readonly type: 'undo'
  readonly from: number
  readonly list?: ValueRef
}

/** The step of a run that takes back what its other steps did. */
export const UNDO_STEP = 'undo'

const readsSchema = z.custom<StepStart['reads']>((value) => value === 'parts' || isObject(value))
const loopsSchema = z.custom<NonNullable<StepStart['loops']>>(isObject)

/** What starts a step. */
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

/** The key by which a queue shares its places fairly: the owner of the run, else the run itself. */
export function fairnessKey({ run, owner }: StepStart): string {
  return owner ?? run.id
}

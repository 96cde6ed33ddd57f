import type { Json } from '../../kernel/schema.ts'
import type { CompiledStep } from '../../pipeline/plan/compiled.ts'
import type { StepContext, StepResult } from '../../step/call/context.ts'
import type { WorkflowStepCall } from '../definition/context.ts'
import type { AnySchema } from '../definition/workflow-value.ts'

/** The types of operations, as the history of a run names them. */
export type OperationType =
  | 'step'
  | 'sleep'
  | 'signal'
  | 'approve'
  | 'call'
  | 'start'
  | 'generate'
  | 'patch'
  | 'undo'
  | 'loop'

/** An operation that a workflow begins. Its number is its place in the history. */
export type WorkflowOperation = {
  readonly number: number
  readonly type: OperationType
  /** unique in its run */
  readonly id: string
  /** the number of the record in which it began */
  readonly record: number
  /** the place in the program that began it, as `file:line` */
  readonly at?: string
  readonly work: OperationWork
}

/**
 * How an operation is carried out. `mark`: nothing is to be done, its place in the history is all. `dropped`: the code
 * no longer begins it.
 */
export type OperationWork = { readonly type: 'mark' | 'dropped' } | Timer | Loop | OperationStep

type Timer = { readonly type: 'timer'; readonly delay: number }

/** Its outcome is the turn of its newest iteration. */
type Loop = { readonly type: 'loop'; readonly first: Json }

/** An operation that a step carries out. What code does stays in the process. */
export type OperationStep = Pick<CompiledStep, 'policy'> & {
  readonly type: 'step'
  readonly work: CompiledStep['work']
  readonly inputs: { readonly [name: string]: Json }
  /** for work of the type `code`: does it, or asks */
  perform?(context: StepContext): Promise<StepResult>
  /** what the value of a signal must be */
  readonly schema?: AnySchema
  undo?(result: Json, call: WorkflowStepCall): unknown
}

/** Whether the work of an operation has an effect, which a repetition would have again. */
export function hasEffect({ type, work }: Pick<WorkflowOperation, 'type' | 'work'>): boolean {
  if (work.type !== 'step') return false
  // to wait for a child is pure, and the work of the child is not
  return work.policy.effect !== 'pure' || (type === 'call' && work.work.type !== 'tool')
}

/** How an operation ended. */
export type Outcome = { readonly number: number } & ({ readonly value: unknown } | { readonly error: unknown })

/** A loop goes on with the state of its next iteration, or ends with its result. Both are JSON. */
export type LoopTurn = { readonly next: Json } | { readonly done: Json }

/** A turn of a loop, by the number of its operation. No other turn in the run has the number `iteration`. */
export type NumberedTurn = { readonly loop: number; readonly iteration: number; readonly turn: LoopTurn }

import type { Json } from '../../kernel/schema.ts'
import type { CompiledStep } from '../../pipeline/plan/compiled.ts'
import type { StepContext, StepResult } from '../../pipeline/step/context.ts'
import type { WorkflowStepCall } from '../definition/context.ts'
import type { AnySchema } from '../definition/workflow-value.ts'

/** The types of operations, as the history of a run names them. */
export type OperationType = 'step' | 'sleep' | 'signal' | 'approve' | 'call' | 'start' | 'generate' | 'patch' | 'undo'

/** An operation that a workflow begins. Its number is its place in the history. */
export type WorkflowOperation = {
  readonly number: number
  readonly type: OperationType
  /** unique in its run: the name, and `#2` for its second use */
  readonly id: string
  /** the place in the program that began it, as `file:line` */
  readonly at?: string
  readonly work: OperationWork
}

/**
 * How an operation is carried out. `mark`: nothing is to be done, its place in the history is all. `dropped`: the code
 * no longer begins it.
 */
export type OperationWork = { readonly type: 'mark' | 'dropped' } | Timer | OperationStep

type Timer = { readonly type: 'timer'; readonly delay: number }

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

/** How an operation ended. */
export type Outcome = { readonly number: number } & ({ readonly value: unknown } | { readonly error: unknown })

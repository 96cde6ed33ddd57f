import type { Json } from '../../kernel/json.ts'
import type { CallLookUp } from '../../step/attempt/call-look-up.ts'
import type { StepContext, StepResult } from '../../step/call/context.ts'
import type { WorkPolicy } from '../../step/policy.ts'
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

/** How an operation is carried out. `mark`: only its place counts. `dropped`: the code no longer begins it. */
export type OperationWork = { readonly type: 'mark' | 'dropped' } | Timer | Loop | OperationStep

type Timer = { readonly type: 'timer'; readonly delay: number }

/** Its outcome is the turn of its newest iteration. */
type Loop = { readonly type: 'loop'; readonly first: Json }

/** An operation that a step carries out. What code does stays in the process. */
export type OperationStep = {
  readonly type: 'step'
  readonly work: CodeWork | OperationCall
  readonly policy: WorkPolicy
  /** for code: does the work, or asks */
  perform?(context: StepContext): Promise<StepResult>
  /** what the value of a signal must be */
  readonly schema?: AnySchema
  undo?(result: Json, call: WorkflowStepCall): unknown
  /** finds out whether its work took place */
  readonly lookUp?: CallLookUp
}

/** Work that code of the program does, by its kind. `name`: it may be quick, and is known by this name. */
export type CodeWork = { readonly type: 'code'; readonly action: string; readonly name?: string }
/** A call of a tool, with values that are data. `asks`: an actor completes it. */
export type OperationCall = {
  readonly type: 'call'
  readonly tool: string
  readonly parameters: Json
  readonly asks?: true
}

/** Whether the work of an operation has an effect, which a repetition would have again. */
export function hasEffect({ type, work }: Pick<WorkflowOperation, 'type' | 'work'>): boolean {
  if (work.type !== 'step') return false
  // to wait for a child is pure, and the work of the child is not
  return work.policy.effect !== 'pure' || (type === 'call' && (work.work.type === 'code' || work.work.asks === true))
}

/** How an operation ended. */
export type Outcome = { readonly number: number } & ({ readonly value: unknown } | { readonly error: unknown })

/** A loop goes on with the state of its next iteration, or ends with its result. Both are JSON. */
export type LoopTurn = { readonly next: Json } | { readonly done: Json }

/** A turn of a loop, by the number of its operation. No other turn in the run has the number `iteration`. */
export type NumberedTurn = { readonly loop: number; readonly iteration: number; readonly turn: LoopTurn }

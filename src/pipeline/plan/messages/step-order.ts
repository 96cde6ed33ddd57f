import type { StepStart, UndoStart } from '../../../step/messages/step-start.ts'
import type { StepRead } from '../../../step/record/outcome.ts'
import type { StepProblem } from '../../../step/record/step.ts'
import type { ValueRef } from '../../../step/values.ts'
import type { AutoAnswer } from '../auto-tag.ts'

/** The type of work that steps of a compiled pipeline do. */
export const PIPELINE_WORK = 'pipeline'

/** The work of a step by its place in a compiled pipeline, with references to all that it reads. */
export type PipelineOrder = {
  /** the hash of the compiled pipeline */
  readonly pipeline: string
  readonly inputs: ValueRef
  /** the values it reads, by node; `parts`: there are too many to send, so it reads the parts of the run */
  readonly reads: { readonly [node: string]: StepRead } | 'parts'
  readonly loop?: LoopContext
  /** answers to its AUTO tags */
  readonly answers?: readonly AutoAnswer[]
}

export type PipelineStepStart = StepStart<PipelineOrder>

export type PipelineUndoStart = UndoStart<Pick<PipelineOrder, 'pipeline'>>

export type LoopContext = {
  /** progress of the loops around the step by node, and its own when it evaluates its conditions */
  readonly views: { readonly [node: string]: LoopView }
  /** for a loop that evaluates its conditions: the number of ended iterations, and the failed step */
  readonly iteration?: number
  readonly problem?: StepProblem
}

/** The progress of a loop as a step sees it. `ms`: the total duration of its steps so far. */
export type LoopView = {
  readonly list?: ValueRef
  readonly most?: number
  readonly length: number
  readonly ms: number
}

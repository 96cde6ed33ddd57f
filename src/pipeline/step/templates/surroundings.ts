import type { Json } from '../../../kernel/schema.ts'
import type { StepValue } from '../../../step/record/outcome.ts'
import type { TemplateScope } from '../../../template/template.ts'
import type { CompiledPipeline } from '../../plan/compiled.ts'
import type { Inputs } from '../../plan/inputs.ts'
import type { StepInstance } from '../../plan/instance.ts'
import type { LoopView, PipelineStepStart } from '../../plan/messages/step-order.ts'

export type TemplateData = {
  readonly pipeline: CompiledPipeline
  readonly instance: StepInstance
  readonly inputs: Inputs
  /** by the names that the step uses */
  readonly reads: { readonly [read: string]: StepValue }
  /** when its run began: ms since the epoch */
  readonly run: PipelineStepStart['run']
  /** the progress of the loops around it, by node */
  readonly loops: { readonly [node: string]: LoopView }
  /** the lists of the loops around it, by node */
  readonly lists: ReadonlyMap<string, readonly Json[]>
  readonly files?: TemplateFiles
  /** the failure that it handles */
  readonly error?: Json
  /** for a loop that decides after so many iterations whether to continue: its body is the scope of that question */
  readonly turning?: number
  /** for the outputs: their scope, with the answers of models */
  withAnswers?(scope: TemplateScope): TemplateScope
}

/** How templates read files; undefined: the file does not exist, or is not known yet. */
export type TemplateFiles = { read(path: string): unknown; exists(path: string): unknown }

import type { Json } from '../../../kernel/schema.ts'
import type { TemplateScope } from '../../../template/template.ts'
import type { CompiledPipeline } from '../../plan/compiled.ts'
import type { Inputs } from '../../plan/inputs.ts'
import type { StepInstance } from '../../plan/instance.ts'
import type { LoopView, StepStart } from '../../plan/messages/step-start.ts'
import type { StepValue } from '../../plan/step-outcome.ts'

/** The data that the templates of a step read. */
export type TemplateData = {
  readonly pipeline: CompiledPipeline
  readonly instance: StepInstance
  readonly inputs: Inputs
  /** by what the step calls them */
  readonly reads: { readonly [read: string]: StepValue }
  /** when its run began: ms since the epoch */
  readonly run: StepStart['run']
  /** how far the loops around it are, by their nodes */
  readonly loops: { readonly [node: string]: LoopView }
  /** what the loops around it go over, by their nodes */
  readonly lists: ReadonlyMap<string, readonly Json[]>
  readonly files?: TemplateFiles
  /** what it handles the failure of */
  readonly error?: Json
  /** a loop that is asked whether it turns once more, after so many turns: its own body is around that question */
  readonly turning?: number
  /** where outputs themselves are told: their scope with what models answered for them */
  withAnswers?(scope: TemplateScope): TemplateScope
}

/** How templates read files; undefined: the file does not exist, or is not known yet. */
export type TemplateFiles = { read(path: string): unknown; exists(path: string): unknown }

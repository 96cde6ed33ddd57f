import type { ModelFit } from '../../model/choose/choose.ts'
import type { ToolDescription } from '../../tool/describe.ts'

/** A model that may answer; `provider/*` stands for any of that server. */
export type ModelSummary = { readonly id: string; readonly offline: boolean; readonly default?: true }

/** The tools and models of a runtime. */
export interface CataloguePort {
  /** The tools that steps can use, by name; or one, with all its operations: NotFoundError when there is none. */
  tools(name?: string): readonly ToolDescription[]
  /** The models that may answer. */
  models(): readonly ModelSummary[]
  /**
   * Judges models by requirements in words; the best comes first. Calls no model.
   * @throws InvalidError for unknown words
   */
  judgeModels(needs: string): readonly ModelFit[]
}

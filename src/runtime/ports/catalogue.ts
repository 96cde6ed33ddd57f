import type { ModelFit } from '../../model/choose/choose.ts'
import type { ToolDescription } from '../../tool/describe.ts'

/** A model that may answer; `provider/*` stands for any of that server. */
export type ModelSummary = { readonly id: string; readonly offline: boolean; readonly default?: true }

/** What steps and questions can be done with: tools and models. */
export interface CataloguePort {
  /** The tools that steps can use, by name; or one, with all its operations: NotFoundError when there is none. */
  tools(name?: string): readonly ToolDescription[]
  /** The models that may answer. */
  models(): readonly ModelSummary[]
  /** What a choice comes to for each of them, who would be taken first, by needs in words; InvalidError for words that are not understood. Asks nobody. */
  judgeModels(needs: string): readonly ModelFit[]
}

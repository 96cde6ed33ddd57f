import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { Choice, ModelNeeds } from './choose.ts'
import type { Embedder } from './embed.ts'
import type { GenerateOptions, ModelReply, ModelRequest } from './spec.ts'

/** The models of one configuration. */
export interface Models {
  readonly default: { readonly id: string; readonly offline: boolean; readonly why: string }
  /** what compares texts by meaning here, if anything does */
  readonly embedder?: Embedder
  /** `provider/*` stands for any model of that server */
  list(): readonly { readonly id: string; readonly offline: boolean }[]
  /** The model of that id, the default one without; InvalidError with a suggestion when there is none. Loads nothing yet. */
  resolve(id?: string): LanguageModelV4
  /** The model a pipeline's name for it means; undefined when there is none. */
  find(name: string): string | undefined
  /** The model that meets the needs; TerminalError no_eligible_model, with why each of them will not do. Asks nobody. */
  choose(needs: ModelNeeds): Choice
  /** One reply; never retried here: a RetryableError asks the caller to. Deltas are volatile and may differ from the reply. */
  generate(request: ModelRequest, options: GenerateOptions): Promise<ModelReply>
  close(): Promise<void>
}

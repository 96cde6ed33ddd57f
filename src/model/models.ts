import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { Offers } from '../worker/capabilities.ts'
import type { Speech, SpeechRequest, Transcript, TranscriptionRequest } from './audio/speech.ts'
import type { ChosenModel, ModelFit } from './choose/choose.ts'
import type { ModelFacts, ModelNeeds } from './choose/model-facts.ts'
import type { Price } from './cost/price.ts'
import type { EmbeddingModels } from './embed/embed-in-pool.ts'
import type { Embedder, Embeddings, EmbedRequest } from './embed/embedder.ts'
import type { CompiledForm } from './prompt/prompt-form.ts'
import type { CallOptions, GenerateOptions, ModelReply, ModelRequest } from './request/request.ts'

/** The models of one configuration. */
export interface Models {
  readonly default: { readonly id: string; readonly offline: boolean; readonly why: string }
  /** what compares texts by meaning on this machine; absent where nothing does, or a provider's model is to */
  readonly embedder?: Embedder
  /** the provider's model that compares texts by meaning, and its vectors that are kept; absent where none is to */
  readonly vectors?: NonNullable<EmbeddingModels['vectors']>
  /** `provider/*` stands for any model of that server */
  list(): readonly { readonly id: string; readonly offline: boolean }[]
  /** The model of that id, the default one without; InvalidError with a suggestion when there is none. Loads nothing yet. */
  resolve(id?: string): LanguageModelV4
  /** The model a pipeline's name for it means; undefined when there is none. */
  find(name: string): string | undefined
  /** The model that meets the needs; TerminalError no_eligible_model, with why each of them will not do. Asks nobody. */
  choose(needs: ModelNeeds): ChosenModel
  /** Judges each model; the best comes first. */
  judge(needs: ModelNeeds): readonly ModelFit[]
  /** All that can be chosen, with what is known of them. */
  facts(): readonly ModelFacts[]
  /** The capabilities of a model's worker: its description, or all if it has none. */
  offersOf(id: string): Offers
  /**
   * Substitutes for an unnamed model, in order: configured ones that meet the requirements and are
   * free, unless paid models are allowed.
   */
  fallback(needs?: ModelNeeds): readonly string[]
  /** The price of a model, by default of the default model. Zero if it is free, undefined if unknown. */
  priceOf(name?: string): Price | undefined
  /** In which form the model of a request is told it: the one that is asked for, else its own; undefined for the usual one. */
  formOf(request: Pick<ModelRequest, 'model' | 'form'>): Promise<CompiledForm | undefined>
  /** One reply; never retried here: a RetryableError asks the caller to. Deltas are volatile and may differ from the reply. */
  generate(request: ModelRequest, options: GenerateOptions): Promise<ModelReply>
  /** Vectors of texts; `not_offered` where the provider makes none. Never retried here. */
  embed(request: EmbedRequest, options: CallOptions): Promise<Embeddings>
  /** Transcribes a recording. `not_offered` if the provider cannot. Never retried here. */
  transcribe(request: TranscriptionRequest, options: CallOptions): Promise<Transcript>
  /** How a text sounds; `not_offered` where the provider cannot speak. Never retried here. */
  speak(request: SpeechRequest, options: CallOptions): Promise<Speech>
  close(): Promise<void>
}

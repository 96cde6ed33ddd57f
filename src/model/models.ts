/**
 * Models and their providers. A model answers a request, ranks texts, describes images or speaks, and every call
 * passes through a pool of workers. Use `request/` to describe a call and `pool/` to make it in an effect. `choose/`
 * picks a model, `catalogue/` knows prices and limits, `provider/` loads the packages of providers, and `offline/`
 * needs no key and no network.
 */

import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { Redaction } from '../secret/redaction.ts'
import type { Offers } from '../worker/capabilities.ts'
import type { Speech, SpeechRequest, TranscriptionRequest } from './audio/speech.ts'
import type { Transcript } from './audio/transcript.ts'
import type { ChosenModel, ModelFit } from './choose/choose.ts'
import type { ModelFacts, ModelNeeds } from './choose/model-facts.ts'
import type { Price } from './cost/price.ts'
import type { EmbeddingModels } from './embed/embed-in-pool.ts'
import type { Embedder, Embeddings, EmbedRequest } from './embed/embedder.ts'
import type { Drawing, DrawRequest } from './picture/draw.ts'
import type { CompiledForm } from './prompt/prompt-form.ts'
import type { Relay, Relayed, RelayOptions } from './relay.ts'
import type { FileKind } from './request/files.ts'
import type { CallOptions, GenerateOptions, ModelReply, ModelRequest, PromptCache } from './request/request.ts'

/** Why a model cannot be asked here, and what mends it. `id`: only the key of its provider is missing. */
export type ModelLack = { readonly id?: string; readonly message: string; readonly hint?: string }

/** The models of one configuration. */
export interface Models {
  readonly default: { readonly id: string; readonly offline: boolean; readonly why: string }
  /** the embedder of this machine; absent when there is none, or when a provider's model is configured */
  readonly embedder?: Embedder
  /** the provider's embedding model with its cache of vectors; absent when none is configured */
  readonly vectors?: NonNullable<EmbeddingModels['vectors']>
  /** `provider/*` stands for any model of that server */
  list(): readonly { readonly id: string; readonly offline: boolean }[]
  /** The model with that id, else the default model. InvalidError with a suggestion if there is none. Loads nothing. */
  resolve(id?: string): LanguageModelV4
  /** The model id for a name in a pipeline; undefined when no configured model has that name. */
  find(name: string): string | undefined
  /** Why the model of that name cannot be asked here; undefined: it can. */
  lackOf(name: string): ModelLack | undefined
  /** The model that meets the needs. TerminalError no_eligible_model says of each model why it does not. Calls none. */
  choose(needs: ModelNeeds): ChosenModel
  /** Judges each model; the best comes first. */
  judge(needs: ModelNeeds): readonly ModelFit[]
  /** All models that can be chosen, with the known facts about them. */
  facts(): readonly ModelFacts[]
  /**
   * A model that reads all kinds of files of a request, if the default model does not, and there is one that may be
   * asked instead: not for money unless that is allowed, and not outside of this machine if the default model is on it.
   */
  takerOf(request: ModelRequest): string | undefined
  /** Whether the model with that id gets files of a kind; one that does not gets a line instead. */
  reads(id: string, kind: Exclude<FileKind, 'text'>): boolean
  /** The capabilities of a model's worker: its description, or all if it has none. */
  offersOf(id: string): Offers
  /**
   * Substitutes for an unnamed model, in order: configured ones that meet the requirements and are
   * free, unless paid models are allowed.
   */
  fallback(needs?: ModelNeeds): readonly string[]
  /** The price of a model, by default of the default model. Zero if it is free, undefined if unknown. */
  priceOf(name?: string): Price | undefined
  /** How long the provider caches the input of a request; `off`: it writes nothing that costs more than the input. */
  promptCacheOf(request: Pick<ModelRequest, 'model' | 'tools' | 'rounds' | 'promptCache'>): PromptCache
  /** The request with the room and the thoughts that its model is described with, and no more room than that. */
  suit(request: ModelRequest): ModelRequest
  /** The prompt form for a request: the requested one, else the form of its model; undefined for the default form. */
  formOf(request: Pick<ModelRequest, 'model' | 'form'>): Promise<CompiledForm | undefined>
  /** Makes one call: a RetryableError asks the caller to retry. Deltas are volatile and may differ from the reply. */
  generate(request: ModelRequest, options: GenerateOptions): Promise<ModelReply>
  /** The id of a model that a program has: as `start({ models })` names it, else by its provider. */
  idOf(model: LanguageModelV4): string
  /** Makes one call in the words of the AI SDK, and never retries it. */
  relay(call: Relay, options: RelayOptions): Promise<Relayed>
  /** Removes secrets from a reply that was put together from several. */
  readonly hide?: Redaction['hide']
  /** Vectors of texts. `not_offered` if the provider cannot embed. Never retried here. */
  embed(request: EmbedRequest, options: CallOptions): Promise<Embeddings>
  /** Transcribes a recording. `not_offered` if the provider cannot. Never retried here. */
  transcribe(request: TranscriptionRequest, options: CallOptions): Promise<Transcript>
  /** Speaks a text. `not_offered` if the provider cannot. Never retried here. */
  speak(request: SpeechRequest, options: CallOptions): Promise<Speech>
  /** Draws pictures. `not_offered` if the provider cannot. Never retried here. */
  draw(request: DrawRequest, options: CallOptions): Promise<Drawing>
  close(): Promise<void>
}

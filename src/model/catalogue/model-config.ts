import type { CapabilityLevel } from '../choose/levels.ts'
import type { ModelFacts } from '../choose/model-facts.ts'
import type { Price } from '../cost/price.ts'
import type { PromptForm } from '../prompt/prompt-form.ts'
import type { ProviderConfig } from '../provider/provider-types.ts'

export type ModelConfig = {
  /** `provider/name` or `provider:name[:tag]`; absent: the model of the environment, else offline/extractive */
  readonly model?: string
  readonly providers?: { readonly [name: string]: ProviderConfig }
  /** descriptions of models, so that a pipeline can state requirements instead of a name */
  readonly models?: readonly ModelEntry[]
  /** the preferred model for each kind of task, by its word */
  readonly firstFor?: { readonly [word: string]: string }
  /** substitutes for the default or a chosen model, in this order; none that costs money unless `paidModels` */
  readonly fallbackModels?: readonly string[]
  /** whether a model that costs money may be chosen without being named; otherwise only the default one may */
  readonly paidModels?: boolean
  /**
   * `offline` (the default): sentence vectors if @energetic-ai is installed; `none`: only words, which is faster;
   * otherwise the vectors of `provider/name`
   */
  readonly embedder?: string
  /** whether there is a secret store: a known provider then uses the secret with its own name */
  readonly secrets?: boolean
  /** the folder from which modules and packages of providers are resolved; absent: the working folder */
  readonly folder?: string
}

/** Whether replies are cached: with the default lifetime, or for `ttl` seconds. */
export type CacheSetting = boolean | { readonly ttl: number }

/** One model, as the operator describes it. */
export type ModelEntry = Pick<
  ModelFacts,
  | 'id'
  | 'aliases'
  | 'capabilities'
  | 'modalities'
  | 'latencyMs'
  | 'tokensPerSecond'
  | 'accuracy'
  | 'wire'
  | 'promptCache'
  | 'maxTokens'
  | 'reasoning'
> & {
  readonly form?: PromptForm
  /** whether its replies are cached for repeated requests */
  readonly cache?: CacheSetting
  /** for example 8b */
  readonly size?: string | number
  /** the context window in tokens, such as 128k */
  readonly context?: string | number
  /** its capability, or its strengths */
  readonly expertise?: CapabilityLevel | readonly string[]
  /** whether it can call tools */
  readonly tools?: boolean
  /** how it is held to JSON: by a schema (true is the same), as an object, or not at all: it is asked in words */
  readonly json?: boolean | 'schema' | 'object'
  readonly cost?: Price
  /** whether it runs on this machine; absent: yes if its server is on this machine */
  readonly offline?: boolean
  /** absent: yes if it has a cost, or if its server is not on this machine */
  readonly paid?: boolean
  /** whether `antiphon models pull` downloads it, from an Ollama server of this machine */
  readonly pull?: boolean
}

import type { CapabilityLevel } from '../choose/levels.ts'
import type { ModelFacts } from '../choose/model-facts.ts'
import type { Price } from '../cost/price.ts'
import type { PromptForm } from '../prompt/prompt-form.ts'
import type { ProviderConfig } from '../provider/provider-types.ts'

/** The configured models, and the default. */
export type ModelConfig = {
  /** `provider/name` or `provider:name[:tag]`; absent: the environment's, else offline/extractive */
  readonly model?: string
  readonly providers?: { readonly [name: string]: ProviderConfig }
  /** what is known of models, so that a pipeline can ask for what it needs instead of a name */
  readonly models?: readonly ModelEntry[]
  /** the model that is taken before all others for tasks of that word */
  readonly firstFor?: { readonly [word: string]: string }
  /** who stands in, in this order, for the default model or one that was chosen by need; never one that costs money unless `paidModels` */
  readonly fallbackModels?: readonly string[]
  /** whether a model that costs money may be chosen without being named; else only the default one may */
  readonly paidModels?: boolean
  /** `offline` (the default): sentence vectors where @energetic-ai is installed; `none`: words only, which is faster; else those of `provider/name` */
  readonly embedder?: string
  /** whether secrets are kept here: a provider that is known by name takes the one that is called as it is */
  readonly secrets?: boolean
  /** where modules and packages of providers are looked up; absent: where the process is */
  readonly folder?: string
}

/** Whether replies are cached: with the default lifetime, or for `ttl` seconds. */
export type CacheSetting = boolean | { readonly ttl: number }

/** One model as the operator describes it. */
export type ModelEntry = Pick<
  ModelFacts,
  'id' | 'aliases' | 'capabilities' | 'modalities' | 'latencyMs' | 'tokensPerSecond' | 'accuracy'
> & {
  readonly form?: PromptForm
  /** whether its replies are kept for who asks the same again */
  readonly cache?: CacheSetting
  /** such as 8b */
  readonly size?: string | number
  /** tokens that question and answer may have together, such as 128k */
  readonly context?: string | number
  /** how capable it is, or what it is good at */
  readonly expertise?: CapabilityLevel | readonly string[]
  /** it can call tools; it can be held to JSON */
  readonly tools?: boolean
  readonly json?: boolean
  readonly cost?: Price
  /** whether it works on this machine; absent: so when its server is here */
  readonly offline?: boolean
  /** absent: so when it has a cost, or its server is not on this machine */
  readonly paid?: boolean
}

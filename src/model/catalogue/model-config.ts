import type { Json } from '../../kernel/schema.ts'
import type { Level, ModelFacts, Price } from '../choose/choose.ts'
import type { Cleaning } from '../prompt/text-cleanup.ts'
import type { Timeouts } from '../request/timeouts.ts'

/** Which models there are and which one answers when nobody names one. */
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

/** Whether a reply is kept: as long as is usual, or for `ttl` seconds. */
export type CacheWish = boolean | { readonly ttl: number }

/** How a model wants to be told what to do, by templates over the task, and what is done to texts before it and after it. */
export type Form = {
  readonly prompt?: string
  readonly system?: string
  readonly before?: readonly Cleaning[]
  readonly after?: readonly Cleaning[]
}

/** One model as the operator describes it. */
export type ModelEntry = Pick<
  ModelFacts,
  'id' | 'aliases' | 'capabilities' | 'modalities' | 'latencyMs' | 'tokensPerSecond' | 'accuracy'
> & {
  readonly form?: Form
  /** whether its replies are kept for who asks the same again */
  readonly cache?: CacheWish
  /** such as 8b */
  readonly size?: string | number
  /** tokens that question and answer may have together, such as 128k */
  readonly context?: string | number
  /** how capable it is, or what it is good at */
  readonly expertise?: Level | readonly string[]
  /** it can call tools; it can be held to JSON */
  readonly tools?: boolean
  readonly json?: boolean
  readonly cost?: Price
  /** whether it works on this machine; absent: so when its server is here */
  readonly offline?: boolean
  /** absent: so when it has a cost, or its server is not on this machine */
  readonly paid?: boolean
}

/** Where models are, and how they are reached. */
export type ProviderConfig = {
  /** one of PROVIDER_TYPES, a package of the AI SDK by its name, or a module of the project such as ./lab.ts */
  readonly type: string
  /** absent: where providers of that type are */
  readonly baseURL?: string
  /** the environment variable that holds its key; absent: the one that is usual for its type */
  readonly keyEnv?: string
  /** the secret that is its key, as `secret://name`, where keyEnv does not hold it */
  readonly key?: string
  /** of `openai`: its Responses API (the default) or chat completions */
  readonly api?: 'responses' | 'chat'
  /** the export that makes the provider, where a package has several */
  readonly factory?: string
  /** what else the package's factory takes, such as a region or headers; a key in it is named, as in `secret://lab` */
  readonly options?: { readonly [name: string]: Json }
  readonly timeouts?: Timeouts
}

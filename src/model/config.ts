import type { Level, ModelFacts } from './choose.ts'

/** Which models there are and which one answers when nobody names one. */
export type ModelConfig = {
  /** `provider/name` or `provider:name[:tag]`; absent: the environment's, else offline/extractive */
  readonly model?: string
  readonly providers?: { readonly [name: string]: ProviderConfig }
  /** what is known of models, so that a pipeline can ask for what it needs instead of a name */
  readonly models?: readonly ModelEntry[]
  /** whether a model that costs money may be chosen without being named; else only the default one may */
  readonly paidModels?: boolean
  /** `offline` (the default): sentence vectors where @energetic-ai is installed; `none`: words only, which is faster */
  readonly embedder?: 'offline' | 'none'
}

/** One model as the operator describes it; `cost` in dollars for a million tokens. */
export type ModelEntry = Pick<
  ModelFacts,
  'id' | 'aliases' | 'capabilities' | 'modalities' | 'latencyMs' | 'tokensPerSecond' | 'accuracy'
> & {
  /** such as 8b */
  readonly size?: string | number
  /** how capable it is, or what it is good at */
  readonly expertise?: Level | readonly string[]
  readonly cost?: { readonly input: number; readonly output: number }
  /** absent: so when it has a cost, or its server is not on this machine */
  readonly paid?: boolean
}

/** A server that speaks the chat protocol of OpenAI; `keyEnv` names the environment variable that holds its key. */
export type ProviderConfig = { readonly type: 'openai-compatible'; readonly baseURL: string; readonly keyEnv?: string }

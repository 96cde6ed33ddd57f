/** Which models there are and which one answers when nobody names one. */
export type ModelConfig = {
  /** `provider/name` or `provider:name[:tag]`; absent: the environment's, else offline/extractive */
  readonly model?: string
  readonly providers?: { readonly [name: string]: ProviderConfig }
  /** `offline` (the default): sentence vectors where @energetic-ai is installed; `none`: words only, which is faster */
  readonly embedder?: 'offline' | 'none'
}

/** A server that speaks the chat protocol of OpenAI; `keyEnv` names the environment variable that holds its key. */
export type ProviderConfig = { readonly type: 'openai-compatible'; readonly baseURL: string; readonly keyEnv?: string }

import { InvalidError } from '../../errors.ts'
import { SECRET_SCHEME, variableOf } from '../../secret/names.ts'
import type { EnvironmentVariables } from '../../secret/redaction.ts'
import type { CapabilityLevel } from '../choose/levels.ts'
import type { ModelFacts } from '../choose/model-facts.ts'
import type { Price } from '../cost/price.ts'
import { formatModelId, OFFLINE_MODEL_ID, OFFLINE_PROVIDER, parseModelId } from '../model-id.ts'
import type { PromptForm } from '../prompt/prompt-form.ts'
import { hasNoCredentials, ollamaBaseUrl, ollamaHostUrl, withVersionPath } from '../provider/base-url.ts'
import { knownAddress, PROVIDER_TYPES, type ProviderConfig, providerTypeFault } from '../provider/provider-types.ts'

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

/** The result of configuration and environment: providers by name, and the default model. */
export type ModelSettings = {
  readonly providers: { readonly [name: string]: ProviderConfig }
  readonly default: { readonly id: string; readonly offline: boolean; readonly why: string }
}

const OPENAI_URL = 'https://api.openai.com/v1'
const NO_MODEL = 'no model is configured, so answers consist of sentences from the given text'

/**
 * Reads the environment's shortcuts, which the configuration overrides; only `ANTIPHON_MODEL` overrides the default
 * model of the file. `ollama` is always configured (`OLLAMA_BASE_URL`, else `OLLAMA_HOST`, else the local port 11434).
 * `openai` is configured by `OPENAI_API_KEY`, or by `OPENAI_BASE_URL` for any server of its protocol; `anthropic`,
 * `google` and `huggingface` by their keys. With a secret store all of them are configured: the key of each is the
 * secret of the same name. A configuration holds only the name of a key, never the key.
 */
export function readModelSettings(config: ModelConfig, environment: EnvironmentVariables): ModelSettings {
  const named = Object.entries({ ...environmentProviders(environment, config.secrets), ...config.providers })
  for (const [name, provider] of named) checkProvider(name, provider)
  const providers = Object.fromEntries(named.map(([name, provider]) => [name, versioned(provider)]))
  return { providers, default: readDefault(config, environment) }
}

const versioned = (config: ProviderConfig): ProviderConfig =>
  config.baseURL === undefined ? config : { ...config, baseURL: withVersionPath(config.type, config.baseURL) }

/** OpenAI is called with antiphon's own client unless the configuration names its own package. */
function environmentProviders(environment: EnvironmentVariables, hasSecrets = false): ModelSettings['providers'] {
  const { OLLAMA_BASE_URL, OLLAMA_HOST, OPENAI_BASE_URL } = environment
  const type = 'openai-compatible'
  // a private server may need no key
  const key = keyIn('openai', environment, hasSecrets && !OPENAI_BASE_URL)
  const isOpenaiThere = OPENAI_BASE_URL || key
  return {
    ollama: { type, baseURL: ollamaAddress(OLLAMA_BASE_URL, OLLAMA_HOST) },
    ...(isOpenaiThere && { openai: { type, baseURL: OPENAI_BASE_URL || OPENAI_URL, ...key } }),
    ...Object.fromEntries(KEYED_PROVIDERS.flatMap((name) => withKey(name, environment, hasSecrets))),
  }
}

function ollamaAddress(baseURL: string | undefined, host: string | undefined): string {
  if (baseURL) return ollamaBaseUrl(baseURL)
  return host ? ollamaHostUrl(host) : PROVIDER_TYPES.ollama!.baseURL!
}

const KEYED_PROVIDERS = ['anthropic', 'google', 'huggingface']

function withKey(name: string, environment: EnvironmentVariables, hasSecrets: boolean): [string, ProviderConfig][] {
  const key = keyIn(name, environment, hasSecrets)
  const baseURL = environment[`${name.toUpperCase()}_BASE_URL`]
  return key ? [[name, { type: name, ...(baseURL && { baseURL }), ...key }]] : []
}

/** The key of a provider: the first of its environment variables that is set, else the secret with its name. */
function keyIn(
  name: string,
  environment: EnvironmentVariables,
  hasSecrets: boolean,
): Pick<ProviderConfig, 'keyEnv' | 'key'> | undefined {
  const keyEnv = PROVIDER_TYPES[name]!.keys!.find((variable) => environment[variable])
  if (keyEnv !== undefined) return { keyEnv }
  return hasSecrets || environment[variableOf(name)] ? { key: `${SECRET_SCHEME}${name}` } : undefined
}

function checkProvider(name: string, config: ProviderConfig): void {
  const path = `providers.${name}`
  if (name === OFFLINE_PROVIDER)
    throw new InvalidError(`The provider name ${OFFLINE_PROVIDER} is taken.`, {
      place: { path },
      hint: 'Choose another name.',
    })
  const fault = providerTypeFault(config.type)
  if (fault !== undefined) throw new InvalidError(`Provider ${name}: ${fault}`, { place: { path: `${path}.type` } })
  checkAddress(name, config)
}

function checkAddress(name: string, config: ProviderConfig): void {
  const place = { path: `providers.${name}.baseURL` }
  const address = knownAddress(config)
  if (address !== undefined && !hasNoCredentials(address))
    throw new InvalidError(`Provider ${name}: its address contains a user or a password.`, {
      place,
      hint: 'Remove them: name a key with `keyEnv`, or store it (antiphon keys set NAME) and name it with `key`.',
    })
  const isUsable = address === undefined ? config.type !== 'openai-compatible' : isWeb(address)
  if (/^[\w.-]+$/.test(name) && isUsable) return
  throw new InvalidError(`Provider ${JSON.stringify(name)} has no usable base URL.`, {
    place,
    hint: `Use one such as ${PROVIDER_TYPES.ollama!.baseURL}; names consist of letters, digits, dots and dashes.`,
  })
}

const isWeb = (address: string): boolean => /^https?:$/.test(URL.parse(address)?.protocol ?? '')

function readDefault(config: ModelConfig, { ANTIPHON_MODEL }: EnvironmentVariables): ModelSettings['default'] {
  const named = ANTIPHON_MODEL || config.model
  if (!named) return { id: OFFLINE_MODEL_ID, offline: true, why: NO_MODEL }
  const { provider, name } = parseModelId(named)
  const why = ANTIPHON_MODEL ? 'ANTIPHON_MODEL names it' : 'the configuration names it'
  return { id: formatModelId({ provider, name }), offline: provider === OFFLINE_PROVIDER, why }
}

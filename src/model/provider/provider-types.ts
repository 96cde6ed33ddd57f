import type { Json } from '../../kernel/json.ts'
import { nearestWord } from '../../lib/suggest.ts'
import type { CallTimeouts } from '../request/timeouts.ts'
import type { Wire } from '../wire/rules.ts'

/** A provider: the server of its models, and how to reach it. */
export type ProviderConfig = {
  /** one of PROVIDER_TYPES, the name of a package of the AI SDK, or a module of the project such as ./lab.ts */
  readonly type: string
  /** absent: the usual server of that type */
  readonly baseURL?: string
  /** the environment variable that holds its key; absent: the usual one of its type */
  readonly keyEnv?: string
  /** the secret that holds its key, as `secret://name`, if keyEnv does not hold it */
  readonly key?: string
  /** for `openai`: its Responses API (the default) or chat completions */
  readonly api?: 'responses' | 'chat'
  /** the export that makes the provider, if a package has several */
  readonly factory?: string
  /** other settings of the package's factory, such as a region or headers; a key is named, as in `secret://lab` */
  readonly options?: { readonly [name: string]: Json }
  readonly timeouts?: CallTimeouts
  /** what its server demands of requests; absent: it follows from its type and its address */
  readonly wire?: Wire
}

/** The defaults of a provider type; the configuration can override all of them. */
type ProviderType = {
  /** the package of its client; absent: antiphon's own client for the chat protocol of OpenAI */
  readonly package?: string
  readonly baseURL?: string
  /** environment variables that may hold its key: the first one that is set counts */
  readonly keys?: readonly string[]
  /** whether it answers without a key */
  readonly open?: boolean
}

export const PROVIDER_TYPES: { readonly [type: string]: ProviderType } = {
  'openai-compatible': { open: true },
  ollama: { baseURL: 'http://127.0.0.1:11434/v1', open: true },
  huggingface: { baseURL: 'https://router.huggingface.co/v1', keys: ['HF_TOKEN'] },
  openai: { package: '@ai-sdk/openai', keys: ['OPENAI_API_KEY'] },
  anthropic: { package: '@ai-sdk/anthropic', keys: ['ANTHROPIC_API_KEY'] },
  google: { package: '@ai-sdk/google', keys: ['GOOGLE_GENERATIVE_AI_API_KEY', 'GEMINI_API_KEY'] },
}

/** The providers that need a key and nothing else. */
export const KEYED_PROVIDERS: readonly string[] = Object.keys(PROVIDER_TYPES).filter(
  (name) => PROVIDER_TYPES[name]!.keys !== undefined,
)

/** The type of a provider: a known one, else a package of the AI SDK, whose key variable follows from its name. */
export function providerTypeOf({ type }: ProviderConfig): ProviderType {
  if (Object.hasOwn(PROVIDER_TYPES, type)) return PROVIDER_TYPES[type]!
  if (isModuleFile(type)) return { open: true }
  return { package: type, keys: [`${packageBaseName(type).replaceAll('-', '_').toUpperCase()}_API_KEY`], open: true }
}

/** Whether a type is a module of the project, such as ./lab.ts. */
export const isModuleFile = (type: string): boolean => /^\.{0,2}\//.test(type)

/** The last part of a package name: mistral of @ai-sdk/mistral. */
export const packageBaseName = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

/** The address of a provider, if it is known before its package is loaded. */
export function knownAddress(config: ProviderConfig): string | undefined {
  return config.baseURL ?? providerTypeOf(config).baseURL
}

/** The fault of a type that is neither known nor a name of a package or file, with a suggestion; undefined: valid. */
export function providerTypeFault(type: string): string | undefined {
  if (Object.hasOwn(PROVIDER_TYPES, type) || isModuleFile(type) || /^@[\w.-]+\/[\w.-]+$/.test(type)) return undefined
  const known = Object.keys(PROVIDER_TYPES)
  const close = nearestWord(type, known)
  if (close === undefined && /^[a-z][\w.]*-[\w.-]+$/.test(type)) return undefined
  const guess = close === undefined ? '' : `Did you mean ${close}? `
  return `${guess}expected one of ${known.join(', ')}, a package of the AI SDK such as @ai-sdk/mistral, or a module of yours such as ./provider.ts`
}

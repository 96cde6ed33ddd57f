import type { Wire } from './rules.ts'

type KnownServer = {
  /** the type of its provider, or the name of a package */
  readonly type: string
  readonly address: string | undefined
  readonly api?: 'responses' | 'chat' | undefined
  /** the provider's name for the model */
  readonly model: string
}

/** Hosts of the chat protocol that refuse what others take. */
const HOSTS: readonly (readonly [host: RegExp, wire: Wire])[] = [
  [/(?:^|\.)(?:openai|azure)\.com$/, 'openai'],
  [/(?:^|\.)(?:groq\.com|cerebras\.ai)$/, 'groq'],
  [/(?:^|\.)(?:deepseek\.com|moonshot\.(?:ai|cn))$/, 'deepseek'],
  [/(?:^|\.)mistral\.ai$/, 'mistral'],
  [/(?:^|\.)openrouter\.ai$/, 'openrouter'],
]

/** Types of providers and words of packages, such as `@ai-sdk/mistral` or `@openrouter/ai-sdk-provider`. */
const TYPES: readonly (readonly [type: RegExp, wire: Wire])[] = [
  [/anthropic/, 'anthropic'],
  [/google/, 'google'],
  [/groq|cerebras/, 'groq'],
  [/deepseek|moonshot|kimi/, 'deepseek'],
  [/mistral/, 'mistral'],
  [/openrouter/, 'openrouter'],
]

/** Models whose template has the rules of their maker, whatever serves them. */
const OF_MISTRAL = /(?:^|[^a-z])(?:(?:dev|mag|code|min)stral|mi[sx]tral|ministral|pixtral|voxtral)/i

export const isOfMistral = (model: string): boolean => OF_MISTRAL.test(model)

/** Types for any server of the chat protocol. */
const ANY_SERVER = /^(?:ollama|huggingface)$|openai-compatible$/

const isModule = (type: string) => /^\.{0,2}\//.test(type)

/** The set of rules for a server; undefined: its package gives requests their form. */
export function defaultWire({ type, address, api, model }: KnownServer): Wire | undefined {
  if (isModule(type)) return undefined
  const host = URL.parse(address ?? '')?.hostname ?? ''
  const known = HOSTS.find(([pattern]) => pattern.test(host))?.[1]
  if (ANY_SERVER.test(type)) return known ?? (isOfMistral(model) ? 'mistral' : 'compatible')
  if (/openai/.test(type)) return api === 'chat' ? (known ?? 'openai') : 'responses'
  return TYPES.find(([pattern]) => pattern.test(type))?.[1]
}

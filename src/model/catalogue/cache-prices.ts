import type { LanguageModelV4 } from '@ai-sdk/provider'
import { ownValue } from '../../lib/own.ts'
import type { Price } from '../cost/price.ts'
import { formatModelId, parseModelId, providerOfId } from '../model-id.ts'
import { knownAddress, type ProviderConfig } from '../provider/provider-types.ts'
import type { ModelRequest, PromptCache } from '../request/request.ts'
import type { ModelConfig, ModelSettings } from './model-config.ts'

/**
 * The usual prices of a provider for the cached part of an input, as factors of the price of the input, published in
 * November 2026. `marks`: it caches what a request marks, and nothing else.
 */
export type Caching = { readonly read: number; readonly write: number; readonly marks?: true }

/** platform.claude.com/docs: build-with-claude/prompt-caching; five minutes. An hour is priced by `costOfTokens`. */
const ANTHROPIC: Caching = { read: 0.1, write: 1.25, marks: true }
/** The price of the input is an upper bound. */
const UNKNOWN: Caching = { read: 1, write: 1 }

type Rule = readonly [model: RegExp, caching: Caching]
const always = (read: number): readonly Rule[] => [[/^/, { read, write: 1 }]]

/** By provider, the first rule whose pattern fits the name of the model. */
const RULES: { readonly [provider: string]: readonly Rule[] } = {
  anthropic: [[/^/, ANTHROPIC]],
  // developers.openai.com/api/docs: guides/prompt-caching, pricing. Writes cost more from GPT-5.6 on.
  openai: [
    [/^(?:chatgpt-)?(?:gpt-4o|o1|o3-mini)/, { read: 0.5, write: 1 }],
    [/^(?:gpt-4\.1|o3|o4-mini)/, { read: 0.25, write: 1 }],
    [/^gpt-(?:3|4)/, UNKNOWN],
    [/^gpt-5(?:$|[^.]|\.[0-5](?!\d))/, { read: 0.1, write: 1 }],
    [/^/, { read: 0.1, write: 1.25 }],
  ],
  // ai.google.dev/gemini-api/docs: caching, pricing
  google: [[/^(?:models\/)?gemini-(?:1|2\.0)/, { read: 0.25, write: 1 }], ...always(0.1)],
  // api-docs.deepseek.com/quick_start/pricing
  deepseek: [[/flash/, { read: 0.02, write: 1 }], [/v\d.*pro/, { read: 1 / 30, write: 1 }], ...always(0.1)],
  // docs.mistral.ai: studio-api/conversations/advanced/prompt-caching
  mistral: always(0.1),
  // console.groq.com/docs/prompt-caching
  groq: always(0.5),
  // docs.x.ai: advanced-api-usage/prompt-caching
  xai: always(0.25),
  // platform.moonshot.ai/docs/pricing
  moonshotai: always(0.25),
}

/** Providers by the end of the host of their server. */
const HOSTS: { readonly [host: string]: string } = {
  'anthropic.com': 'anthropic',
  'openai.com': 'openai',
  'googleapis.com': 'google',
  'deepseek.com': 'deepseek',
  'mistral.ai': 'mistral',
  'groq.com': 'groq',
  'x.ai': 'xai',
  'moonshot.ai': 'moonshotai',
  'moonshot.cn': 'moonshotai',
  'openrouter.ai': 'openrouter',
}

/** The usual prices of the cache of a model's provider. Undefined: antiphon does not know them. */
export type CachingOf = (id: string) => Caching | undefined

/** The usual prices of the caches of all models, by the rules that are named for a gateway, the server, or the type. */
export function cachingOfModels(
  { models = [] }: Pick<ModelConfig, 'models'>,
  { providers }: Pick<ModelSettings, 'providers'>,
  ready: ReadonlyMap<string, Pick<LanguageModelV4, 'provider' | 'modelId'>>,
): CachingOf {
  const wires = new Map(models.map(({ id, wire }) => [formatModelId(parseModelId(id)), wire]))
  return (id) => {
    const made = ready.get(id)
    const provider = providerOfId(id)
    const name = made?.modelId ?? id.slice(provider.length + 1)
    // the AI SDK names a model's provider as in `mistral.chat`
    const type = made ? made.provider.split('.', 1)[0]! : provider
    const config = (made ? undefined : ownValue(providers, provider)) ?? { type }
    const wire = wires.get(id) ?? config.wire
    return (wire && cachingOf(wire, name)) ?? cachingOf(providerByServer(config), name)
  }
}

/** OpenRouter passes on the prices of the providers that it names. */
function cachingOf(provider: string, model: string): Caching | undefined {
  const [routed = '', ...name] = model.split('/')
  if (provider === 'openrouter') return cachingOf(routed, name.join('/'))
  const rules = ownValue(RULES, ownValue(OTHER_NAMES, provider) ?? provider)
  return rules?.find(([names]) => names.test(model))?.[1]
}

const OTHER_NAMES: { readonly [name: string]: string } = { mistralai: 'mistral', 'x-ai': 'xai', responses: 'openai' }

/** The provider whose prices count: by the address of its server, else by its type. */
function providerByServer(config: ProviderConfig): string {
  const { hostname = '' } = URL.parse(knownAddress(config) ?? '') ?? {}
  const host = Object.keys(HOSTS).find((end) => hostname === end || hostname.endsWith(`.${end}`))
  return host === undefined ? config.type.replace(/^@ai-sdk\//, '') : HOSTS[host]!
}

/** A price with the usual prices of the cache where it has none. */
export function withCachePrices(price: Price, caching: Caching | undefined): Price {
  if (price.input === undefined || !caching) return price
  return {
    cacheRead: price.input * caching.read,
    ...(caching.write !== 1 && { cacheWrite: price.input * caching.write }),
    ...price,
  }
}

/**
 * How long the provider keeps what a request writes into its cache: what the request says, else its model, else five
 * minutes where other requests follow. A provider that wants no marks writes by itself, and what that costs is known.
 */
export function promptCacheFor(
  { promptCache, tools = [], rounds }: Pick<ModelRequest, 'tools' | 'rounds' | 'promptCache'>,
  facts: { readonly promptCache?: PromptCache; readonly price?: Price } | undefined,
  caching: Caching | undefined,
): PromptCache {
  if (!caching?.marks) return facts?.price?.cacheWrite === undefined ? 'off' : '5m'
  return promptCache ?? facts?.promptCache ?? (tools.length > 0 || rounds ? '5m' : 'off')
}

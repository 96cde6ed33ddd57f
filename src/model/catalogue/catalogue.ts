import type { ModelFacts } from '../choose/model-facts.ts'
import { parseModelSize, parseTokenCount } from '../choose/requirements.ts'
import { isFree, type Price } from '../cost/price.ts'
import { formatModelId, looksLikeModelId, OFFLINE_MODEL_ID, OFFLINE_PROVIDER, parseModelId } from '../model-id.ts'
import { KEYED_PROVIDERS, knownAddress } from '../provider/provider-types.ts'
import { type Caching, type CachingOf, withCachePrices } from './cache-prices.ts'
import type { ModelConfig, ModelEntry, ModelSettings } from './model-config.ts'
import type { WireOf } from './wires.ts'

/** All models that can be chosen: configured ones, substitutes, the default, the program's, the offline model. */
export function listModelFacts(
  config: ModelConfig,
  settings: ModelSettings,
  own: readonly string[],
  wireOf: WireOf,
  cachingFor: CachingOf,
): readonly ModelFacts[] {
  const listed = new Map((config.models ?? []).map((entry) => [formatModelId(parseModelId(entry.id)), entry]))
  const named = [...new Set([...listed.keys(), settings.default.id, ...own, OFFLINE_MODEL_ID])]
  const factsFor = (id: string) => withUsualPrices(factsOf(id, listed.get(id), settings), cachingFor(id))
  const described = named.map(factsFor)
  const standIns = (config.fallbackModels ?? []).flatMap((name) => resolveModelName(name, described, settings) ?? [])
  const known = [...new Set([...named, ...standIns])].map(factsFor)
  const first = Object.entries(config.firstFor ?? {}).map(([word, name]) => [
    word,
    resolveModelName(name, known, settings),
  ])
  return known.map((facts) => {
    const firstFor = first.flatMap(([word, id]) => (id === facts.id ? word! : []))
    const wire = wireOf(facts.id)
    return { ...facts, ...(firstFor.length > 0 && { firstFor }), ...(wire && { wire }) }
  })
}

/** The price of a model with the usual prices of its provider's cache, and which of them are usual ones. */
function withUsualPrices({ price, ...facts }: ModelFacts, caching: Caching | undefined): ModelFacts {
  if (!price) return facts
  const whole = withCachePrices(price, caching)
  const usual = Object.keys(whole).filter((rate) => !Object.hasOwn(price, rate))
  return { ...facts, price: whole, ...(usual.length > 0 && { usualPrices: usual }) }
}

function factsOf(id: string, entry: ModelEntry | undefined, settings: ModelSettings): ModelFacts {
  const standard = id === settings.default.id
  if (id === OFFLINE_MODEL_ID) return { ...OFFLINE_FACTS, ...factsIn(entry), id, standard }
  const local = entry?.offline ?? isHere(id, settings)
  const known = { ...factsIn(entry), id, standard, ...(local !== undefined && { local }) }
  return { ...known, paid: entry?.paid ?? costs(id, entry, local) }
}

/** The offline model: fast, free, not capable of reasoning. */
const OFFLINE_FACTS = {
  paid: false,
  local: true,
  level: 'low',
  modalities: ['text'],
  capabilities: ['json'],
  cannot: ['tools'],
  price: { input: 0, output: 0 },
} as const

function factsIn(entry: ModelEntry | undefined): Omit<ModelFacts, 'id' | 'standard' | 'paid'> {
  if (!entry) return {}
  const {
    id: _,
    paid: __,
    offline: ___,
    form: ____,
    cache: _____,
    size,
    context,
    expertise,
    cost,
    tools,
    json,
    capabilities,
    ...facts
  } = entry
  const level = typeof expertise === 'string' ? { level: expertise } : expertise && { tags: expertise }
  const able = [...(capabilities ?? []), ...(tools ? ['tools'] : []), ...(json ? ['json'] : [])]
  const unable = [...(tools === false ? ['tools'] : []), ...(json === false ? ['json'] : [])]
  return {
    ...facts,
    ...(able.length > 0 && { capabilities: able }),
    ...(unable.length > 0 && { cannot: unable }),
    ...(size !== undefined && { size: parseModelSize(size)! }),
    ...(context !== undefined && { context: parseTokenCount(context)! }),
    ...level,
    ...(cost && { price: cost }),
  }
}

/** Whether requests are certain to stay on this machine; for `provider/*`, whether its server is local. */
export function isLocal(id: string, known: readonly ModelFacts[], settings: ModelSettings): boolean {
  return (known.find((facts) => facts.id === id)?.local ?? isHere(id, settings)) === true
}

/** A local server is free. Other prices are unknown unless configured. */
function costs(id: string, entry: ModelEntry | undefined, local: boolean | undefined): boolean {
  if (entry?.cost) return !isFree(entry.cost)
  return parseModelId(id).provider !== OFFLINE_PROVIDER && local !== true
}

/** Whether the server is on this machine; undefined: the server is not known. */
function isHere(id: string, { providers }: ModelSettings): boolean | undefined {
  const { provider } = parseModelId(id)
  if (!Object.hasOwn(providers, provider)) return undefined
  const host = URL.parse(knownAddress(providers[provider]!) ?? '')?.hostname ?? ''
  return /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(host)
}

/** The price of a model: zero when it is free as far as known, undefined when its price is unknown. */
export function priceOfModel(id: string, known: readonly ModelFacts[], settings: ModelSettings): Price | undefined {
  const { price, paid } = known.find((facts) => facts.id === id) ?? factsOf(id, undefined, settings)
  return price ?? (paid ? undefined : FREE)
}

const FREE: Price = { input: 0, output: 0 }

/** Providers by model name pattern; used only when the provider is configured. */
const MODEL_FAMILIES: readonly (readonly [name: RegExp, provider: string])[] = [
  [/^(?:gpt|chatgpt|o\d)\b/i, 'openai'],
  [/^claude\b/i, 'anthropic'],
  [/^gemini\b/i, 'google'],
  [/^(?:llama|mistral|mixtral|qwen|gemma|phi|deepseek|codellama|tinyllama|smollm)/i, 'ollama'],
]

/**
 * The model id for a name in a pipeline: `provider/name`, `provider:name[:tag]`, an alias of the configuration, or the
 * bare name of a known model or of a model on a configured server. Undefined: no model has this name.
 */
export function resolveModelName(
  name: string,
  known: readonly ModelFacts[],
  { providers }: ModelSettings,
): string | undefined {
  const alias = known.find(({ id, aliases = [] }) => id === name || aliases.includes(name))
  if (alias) return alias.id
  const id = idIn(name)
  if (id && known.some((facts) => facts.id === id)) return id
  if (id && Object.hasOwn(providers, parseModelId(id).provider)) return id
  const bare = known.find((facts) => parseModelId(facts.id).name === name)
  if (bare) return bare.id
  const family = familyOf(name)
  return family !== undefined && Object.hasOwn(providers, family) ? `${family}/${name}` : undefined
}

/** The id of the model that a name means at a provider that needs a key and has none; undefined: there is none. */
export function modelWithoutKey(name: string, { providers }: ModelSettings): string | undefined {
  const family = familyOf(name)
  const id = family === undefined ? idIn(name) : `${family}/${name}`
  const provider = id && parseModelId(id).provider
  return provider && KEYED_PROVIDERS.includes(provider) && !Object.hasOwn(providers, provider) ? id : undefined
}

/** The provider of a bare name. A name with a slash says its provider itself. */
const familyOf = (name: string) =>
  name.includes('/') ? undefined : MODEL_FAMILIES.find(([pattern]) => pattern.test(name))?.[1]

function idIn(name: string): string | undefined {
  return looksLikeModelId(name) && name.length <= 200 ? formatModelId(parseModelId(name)) : undefined
}

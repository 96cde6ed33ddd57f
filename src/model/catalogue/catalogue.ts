import type { ModelFacts } from '../choose/model-facts.ts'
import { parseModelSize, parseTokenCount } from '../choose/requirements.ts'
import { isFree, type Price } from '../cost/price.ts'
import { formatModelId, OFFLINE_MODEL_ID, OFFLINE_PROVIDER, parseModelId } from '../model-id.ts'
import { knownAddress } from '../provider/provider-types.ts'
import { type Caching, type CachingOf, withCachePrices } from './cache-prices.ts'
import type { ModelConfig, ModelEntry, ModelSettings } from './model-config.ts'
import { resolveModelName } from './resolve-name.ts'
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

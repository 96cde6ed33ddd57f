import type { ModelFacts } from './choose.ts'
import type { ModelConfig, ModelEntry } from './config.ts'
import { EXTRACTIVE_ID, OFFLINE } from './names.ts'
import type { Settings } from './settings.ts'
import { formatModelId, parseModelId } from './spec.ts'

/** All models that can be chosen: those of the configuration, the default one, those a program brings, and the offline one. */
export function catalogueOf(config: ModelConfig, settings: Settings, own: readonly string[]): readonly ModelFacts[] {
  const listed = new Map((config.models ?? []).map((entry) => [idOf(entry.id), entry]))
  const ids = new Set([...listed.keys(), settings.default.id, ...own, EXTRACTIVE_ID])
  return [...ids].map((id) => factsOf(id, listed.get(id), settings))
}

const idOf = (id: string) => formatModelId(parseModelId(id))

function factsOf(id: string, entry: ModelEntry | undefined, settings: Settings): ModelFacts {
  const standard = id === settings.default.id
  if (id === EXTRACTIVE_ID) return { ...OFFLINE_FACTS, ...factsIn(entry), id, standard }
  return { ...factsIn(entry), id, standard, paid: entry?.paid ?? costs(id, entry, settings) }
}

/** The offline model is what it is: quick, free, and no thinker. */
const OFFLINE_FACTS = {
  paid: false,
  level: 'low',
  modalities: ['text'],
  price: { input: 0, output: 0 },
} as const

function factsIn(entry: ModelEntry | undefined): Omit<ModelFacts, 'id' | 'standard' | 'paid'> {
  if (!entry) return {}
  const { id: _, paid: __, size, expertise, cost, ...facts } = entry
  const level = typeof expertise === 'string' ? { level: expertise } : expertise && { tags: expertise }
  return { ...facts, ...(size !== undefined && { size: sizeOf(size)! }), ...level, ...(cost && { price: cost }) }
}

/** Billions of parameters in `7B`, `1.5b`, `350M` or a number; undefined when it is none of these. */
export function sizeOf(text: string | number): number | undefined {
  const [, digits, unit = 'b'] = /^\s*(\d+(?:\.\d+)?)\s*([kmbt])?\s*$/i.exec(String(text)) ?? []
  return digits === undefined ? undefined : Number(digits) * { k: 1e-6, m: 1e-3, b: 1, t: 1e3 }[unit.toLowerCase()]!
}

/** What a server on this machine answers is free; of others nobody knows, unless it is said. */
function costs(id: string, entry: ModelEntry | undefined, { providers }: Settings): boolean {
  if (entry?.cost) return entry.cost.input > 0 || entry.cost.output > 0
  const { provider } = parseModelId(id)
  if (provider === OFFLINE || !Object.hasOwn(providers, provider)) return provider !== OFFLINE && id !== EXTRACTIVE_ID
  const host = URL.parse(providers[provider]!.baseURL)?.hostname ?? ''
  return !/^(?:localhost|127\.[\d.]+|\[::1\])$/.test(host)
}

/** What a call has cost, where the price is known: dollars. */
export function costOf(
  facts: ModelFacts | undefined,
  { input, output }: { readonly input: number; readonly output: number },
): number | undefined {
  const { price } = facts ?? {}
  return price && (input * price.input + output * price.output) / 1_000_000
}

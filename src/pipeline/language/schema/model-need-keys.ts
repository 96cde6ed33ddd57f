import { asText, type Json } from '../../../kernel/json.ts'
import { CAPABILITY_LEVELS } from '../../../model/choose/levels.ts'
import type { BudgetPeriod, ModelNeeds } from '../../../model/choose/model-facts.ts'
import { parseModelSize, parseTokenCount } from '../../../model/choose/requirements.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import { FLAG, type ShapedKind, wordAmong } from './value-kinds.ts'

/** The words of `budget_period:`, each with the period that the limit covers; `per-task` limits each call alone. */
const BUDGET_PERIODS: { readonly [word: string]: { readonly budgetPeriod?: BudgetPeriod } } = {
  'per-task': {},
  'per-pipeline': { budgetPeriod: 'run' },
  'per-hour': { budgetPeriod: 'hour' },
  'per-day': { budgetPeriod: 'day' },
}
const FALLBACK_STRATEGIES = ['best_available', 'cheapest', 'fail'] as const
const WORDS = [...CAPABILITY_LEVELS, ...FALLBACK_STRATEGIES, ...Object.keys(BUDGET_PERIODS)]

const TEXTS = { type: 'array', items: { type: 'string' }, minItems: 0 }
const SIZE = { shape: { type: ['string', 'number'] }, wants: 'a size such as 7B', read: scalar(parseModelSize) }
const TOKENS = { ...SIZE, wants: 'a number of tokens, such as 100k', read: scalar(parseTokenCount) }
const NAMES = { shape: TEXTS, wants: 'a list of names', read: namesIn }
const AMOUNT = {
  shape: { type: 'number', minimum: 0 },
  wants: 'a number, 0 or more',
  read: (value: Json) => (typeof value === 'number' && value >= 0 ? value : undefined),
}

/** The keys of `requires_model:` as a map, each with the part of the needs that it yields. */
export const MODEL_NEED_TABLE: { readonly [name: string]: ShapedKind<Partial<ModelNeeds>> } = {
  min_size: need('minSize', SIZE),
  max_size: need('maxSize', SIZE),
  expertise: {
    shape: { anyOf: [{ enum: CAPABILITY_LEVELS }, TEXTS] },
    wants: `one of ${CAPABILITY_LEVELS.join(', ')}, or a list of words`,
    read: readExpertise,
    hint: hintFor,
  },
  capabilities: need('capabilities', NAMES),
  modalities: need('modalities', NAMES),
  context: need('minContext', TOKENS),
  offline: need('local', FLAG),
  max_latency_ms: need('maxLatencyMs', AMOUNT),
  min_tokens_per_second: need('minTokensPerSecond', AMOUNT),
  min_accuracy_score: need('minAccuracy', AMOUNT),
  cost_limit: need('costLimit', AMOUNT),
  budget_period: {
    ...wordAmong(Object.keys(BUDGET_PERIODS)),
    read: (value) => BUDGET_PERIODS[Object.keys(BUDGET_PERIODS).find((word) => word === value) ?? ''],
    hint: hintFor,
  },
  preferred: need('preferred', NAMES),
  excluded: need('excluded', NAMES),
  fallback_strategy: { ...need('otherwise', wordAmong(FALLBACK_STRATEGIES)), hint: hintFor },
}

function need<Name extends keyof ModelNeeds>(
  name: Name,
  { read, ...kind }: ShapedKind<NonNullable<ModelNeeds[Name]>>,
): ShapedKind<Partial<ModelNeeds>> {
  return {
    ...kind,
    read(value) {
      const found = read(value)
      return found === undefined ? undefined : { [name]: found }
    },
  }
}

function hintFor(value: Json): string | undefined {
  return didYouMean(asText(value), WORDS)
}

function scalar(parse: (value: string | number) => number | undefined): (value: Json) => number | undefined {
  return (value) => (typeof value === 'string' || typeof value === 'number' ? parse(value) : undefined)
}

function namesIn(value: Json): readonly string[] | undefined {
  const list = typeof value === 'string' ? value.split(',').map((name) => name.trim()) : value
  return Array.isArray(list) && list.every((one) => typeof one === 'string') ? list : undefined
}

function readExpertise(value: Json): Partial<ModelNeeds> | undefined {
  const level = CAPABILITY_LEVELS.find((known) => known === value)
  if (level) return { level }
  return Array.isArray(value) && value.every((tag) => typeof tag === 'string') ? { tags: value } : undefined
}

import { CAPABILITY_LEVELS } from '../../../model/choose/levels.ts'
import type { BudgetPeriod } from '../../../model/choose/model-facts.ts'

/** The words of `budget_period:`, each with the period that the limit covers; `per-task` limits each call on its own. */
export const BUDGET_PERIODS: readonly (readonly [word: string, within?: BudgetPeriod])[] = [
  ['per-task'],
  ['per-pipeline', 'run'],
  ['per-hour', 'hour'],
  ['per-day', 'day'],
]

/** Only the words. */
export const BUDGET_PERIOD_WORDS: readonly string[] = BUDGET_PERIODS.map(([word]) => word)

/** A JSON Schema for the value of a key, as editors read it. */
export type KeySchema = { readonly [word: string]: unknown }

/** The definition of one key of the language. */
export type KeyDefinition = {
  /** its meaning, in one line for editors */
  readonly says: string
  /** the schema of its value; absent: any value */
  readonly shape?: KeySchema
  /** the key is planned but missing in this version: what to write instead */
  readonly later?: string
  /** the key is accepted and has no effect */
  readonly ignored?: true
}
export type KeyTable = { readonly [key: string]: KeyDefinition }

/** The JSON Schema of each key of a table. */
export function schemaProperties(table: KeyTable): KeySchema {
  return Object.fromEntries(Object.entries(table).map(([key, entry]) => [key, propertyOf(entry)]))
}

function propertyOf({ says: description, shape, later, ignored }: KeyDefinition): KeySchema {
  if (later !== undefined) return { description: `${description} Not supported: ${later}.`, not: {} }
  return { description, ...shape, ...(ignored && { deprecated: true }) }
}

/** A template yields any value, so it may stand in the place of any of them. */
const orTemplate = (...shapes: readonly KeySchema[]): KeySchema => ({ anyOf: [...shapes, { type: 'string' }] })
const list = (items: KeySchema, least = 0): KeySchema => ({ type: 'array', items, minItems: least })
const anyOf = (...shapes: readonly KeySchema[]): KeySchema => ({ anyOf: shapes })
const oneOf = (...words: readonly string[]): KeySchema => ({ enum: words })

export const TEXT_SCHEMA: KeySchema = { type: 'string' }
export const ANY_SCHEMA: KeySchema = {}
export const BOOLEAN_SCHEMA: KeySchema = { type: 'boolean' }
export const MAP_SCHEMA: KeySchema = { type: 'object' }
export const ID_SCHEMA: KeySchema = { type: 'string', pattern: '^[a-zA-Z][a-zA-Z0-9_-]{0,99}$' }
export const ID_LIST_SCHEMA: KeySchema = orTemplate(list(TEXT_SCHEMA))
export const CONDITION_SCHEMA: KeySchema = { type: ['string', 'boolean', 'number', 'null'] }
export const LIST_SCHEMA: KeySchema = orTemplate({ type: 'array' }, MAP_SCHEMA)
export const SECONDS_SCHEMA: KeySchema = { type: 'number', exclusiveMinimum: 0, maximum: 86_400 }
export const STEPS_SCHEMA: KeySchema = list({ $ref: '#/$defs/step' }, 1)
const NUMBER_SCHEMA: KeySchema = { type: 'number', minimum: 0 }
const SIZE_SCHEMA: KeySchema = { type: ['string', 'number'] }
/** The requirements on a model. */
export const MODEL_NEEDS_SCHEMA: KeySchema = {
  type: 'object',
  properties: {
    ...{
      min_size: SIZE_SCHEMA,
      max_size: SIZE_SCHEMA,
      expertise: { anyOf: [oneOf(...CAPABILITY_LEVELS), list(TEXT_SCHEMA)] },
    },
    ...{
      capabilities: list(TEXT_SCHEMA),
      modalities: list(TEXT_SCHEMA),
      preferred: list(TEXT_SCHEMA),
      excluded: list(TEXT_SCHEMA),
    },
    ...{ context: SIZE_SCHEMA, offline: BOOLEAN_SCHEMA },
    ...{
      max_latency_ms: NUMBER_SCHEMA,
      min_tokens_per_second: NUMBER_SCHEMA,
      min_accuracy_score: NUMBER_SCHEMA,
      cost_limit: NUMBER_SCHEMA,
    },
    budget_period: oneOf(...BUDGET_PERIOD_WORDS),
    fallback_strategy: oneOf('best_available', 'cheapest', 'fail'),
  },
}
export const HANDLERS_SCHEMA: KeySchema = anyOf(MAP_SCHEMA, list(MAP_SCHEMA))
export const integerBetween = (minimum: number, maximum: number): KeySchema => ({ type: 'integer', minimum, maximum })

export { anyOf, list, oneOf, orTemplate }

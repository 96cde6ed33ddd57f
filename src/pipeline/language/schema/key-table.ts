import { LEVELS } from '../../../model/choose/levels.ts'
import type { BudgetPeriod } from '../../../model/choose/model-facts.ts'

/** The words of `budget_period:`, each with the period that the limit covers; `per-task` limits each call on its own. */
export const PERIODS: readonly (readonly [word: string, within?: BudgetPeriod])[] = [
  ['per-task'],
  ['per-pipeline', 'run'],
  ['per-hour', 'hour'],
  ['per-day', 'day'],
]

/** The words alone. */
export const PERIOD_WORDS: readonly string[] = PERIODS.map(([word]) => word)

/** A JSON Schema of what may stand under a key, as editors read it. */
export type Shape = { readonly [word: string]: unknown }

/** What the language has under one key. */
export type Key = {
  /** what it means, in one line for editors */
  readonly says: string
  /** what it holds; absent: nothing is said of it */
  readonly shape?: Shape
  /** the language has it, this version has not: what to write meanwhile */
  readonly later?: string
  /** it is read and changes nothing */
  readonly ignored?: true
}
export type KeyTable = { readonly [key: string]: Key }

/** What may stand under the keys of a table. */
export function propertiesOf(table: KeyTable): Shape {
  return Object.fromEntries(Object.entries(table).map(([key, entry]) => [key, propertyOf(entry)]))
}

function propertyOf({ says: description, shape, later, ignored }: Key): Shape {
  if (later !== undefined) return { description: `${description} Not supported: ${later}.`, not: {} }
  return { description, ...shape, ...(ignored && { deprecated: true }) }
}

/** A template yields any value, so it may stand for each. */
const orTemplate = (...shapes: readonly Shape[]): Shape => ({ anyOf: [...shapes, { type: 'string' }] })
const list = (items: Shape, least = 0): Shape => ({ type: 'array', items, minItems: least })
const anyOf = (...shapes: readonly Shape[]): Shape => ({ anyOf: shapes })
const oneOf = (...words: readonly string[]): Shape => ({ enum: words })

export const TEXT: Shape = { type: 'string' }
export const ANY: Shape = {}
export const YES_NO: Shape = { type: 'boolean' }
export const MAP: Shape = { type: 'object' }
export const ID: Shape = { type: 'string', pattern: '^[a-zA-Z][a-zA-Z0-9_-]{0,99}$' }
export const IDS: Shape = orTemplate(list(TEXT))
export const CONDITION: Shape = { type: ['string', 'boolean', 'number', 'null'] }
export const LIST: Shape = orTemplate({ type: 'array' }, MAP)
export const SECONDS: Shape = { type: 'number', exclusiveMinimum: 0, maximum: 86_400 }
export const STEPS: Shape = list({ $ref: '#/$defs/step' }, 1)
const NUMBER: Shape = { type: 'number', minimum: 0 }
const SIZE: Shape = { type: ['string', 'number'] }
/** What a model must be. */
export const NEEDS: Shape = {
  type: 'object',
  properties: {
    ...{ min_size: SIZE, max_size: SIZE, expertise: { anyOf: [oneOf(...LEVELS), list(TEXT)] } },
    ...{ capabilities: list(TEXT), modalities: list(TEXT), preferred: list(TEXT), excluded: list(TEXT) },
    ...{ context: SIZE, offline: YES_NO },
    ...{ max_latency_ms: NUMBER, min_tokens_per_second: NUMBER, min_accuracy_score: NUMBER, cost_limit: NUMBER },
    budget_period: oneOf(...PERIOD_WORDS),
    fallback_strategy: oneOf('best_available', 'cheapest', 'fail'),
  },
}
export const HANDLERS: Shape = anyOf(MAP, list(MAP))
export const whole = (minimum: number, maximum: number): Shape => ({ type: 'integer', minimum, maximum })

export { anyOf, list, oneOf, orTemplate }

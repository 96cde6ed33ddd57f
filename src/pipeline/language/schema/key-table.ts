import { MODEL_NEED_TABLE } from './model-need-keys.ts'
import { MAP, type ShapedKind } from './value-kinds.ts'

/** A JSON Schema for the value of a key, as editors read it. */
export type KeySchema = { readonly [word: string]: unknown }

/** The definition of one key of the language. With a kind of value the reader reads the key by it. */
type KeyDefinition = Partial<ShapedKind<unknown>> & {
  /** its meaning, in one line for editors */
  readonly says: string
  /** the key is planned but missing in this version: what to write instead */
  readonly later?: string
  /** the key is accepted and has no effect */
  readonly ignored?: true
  /** the key is about the work of the step itself, so a loop with a body of its own refuses it */
  readonly ofWork?: true
}
export type KeyTable = { readonly [key: string]: KeyDefinition }

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
export const ID_SCHEMA: KeySchema = { type: 'string', pattern: '^[a-zA-Z][a-zA-Z0-9_-]{0,99}$' }
export const ID_LIST_SCHEMA: KeySchema = orTemplate(list(TEXT_SCHEMA))
export const STEPS_SCHEMA: KeySchema = list({ $ref: '#/$defs/step' }, 1)
/** The requirements on a model. */
export const MODEL_NEEDS_SCHEMA: KeySchema = {
  type: 'object',
  properties: Object.fromEntries(Object.entries(MODEL_NEED_TABLE).map(([name, { shape }]) => [name, shape])),
}
export const HANDLERS_SCHEMA: KeySchema = anyOf(MAP.shape, list(MAP.shape))

export { anyOf, list, oneOf }

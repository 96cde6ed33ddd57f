import { isMap } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { PropertySchema } from '../../../tool/schema.ts'
import type { Path } from '../diagnostics/finding.ts'

/** A key somewhere in a value that its schema does not know there, and the keys that it does know. */
export type StrayKey = { readonly path: Path; readonly known: readonly string[] }

/** What would be left out of a value when it is taken. What may be one of several kinds is judged by the only one that it can be. */
export function strayKeysIn(schema: PropertySchema, value: Json | undefined, at: Path = []): readonly StrayKey[] {
  const { properties, items, additionalProperties: others } = kindOf(schema, value)
  if (isList(value)) return items ? value.flatMap((item, index) => strayKeysIn(items, item, [...at, index])) : []
  if (!isMap(value)) return []
  return Object.entries(value).flatMap(([key, item]) => {
    const path = [...at, key]
    const of = properties && Object.hasOwn(properties, key) ? properties[key] : others
    if (isSchema(of)) return strayKeysIn(of, item, path)
    // that no others are taken is told as what the schema refuses
    return properties && others === undefined ? [{ path, known: Object.keys(properties) }] : []
  })
}

type Kind = PropertySchema & {
  readonly properties?: { readonly [name: string]: PropertySchema }
  readonly oneOf?: readonly PropertySchema[]
  readonly const?: Json
}

const NOT_KNOWN: Kind = {}

function kindOf(schema: Kind, value: Json | undefined): Kind {
  const options = schema.oneOf ?? schema.anyOf
  if (!options) return schema
  const [only = NOT_KNOWN, another] = options.filter((option) => canBe(option, value))
  return another ? NOT_KNOWN : kindOf(only, value)
}

function canBe({ type, properties = {} }: Kind, value: Json | undefined): boolean {
  if (type !== undefined && type !== (isList(value) ? 'array' : isMap(value) ? 'object' : typeof value)) return false
  return Object.entries(properties).every(([name, property]) =>
    isConst(property, isMap(value) ? value[name] : undefined),
  )
}

const isConst = ({ const: only }: Kind, value: Json | undefined) => only === undefined || only === value
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
const isSchema = (value: unknown): value is PropertySchema => typeof value === 'object' && value !== null

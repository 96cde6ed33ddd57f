import { isJsonObject, type Json } from '../../kernel/json.ts'
import type { JsonSchema } from '../prompt/task.ts'
import { measureSchema } from './schema-budget.ts'

/** Keywords whose values are maps of schemas, and keywords whose values are data. */
const MAPS: readonly string[] = ['properties', 'patternProperties', '$defs', 'definitions']
const DATA: readonly string[] = ['enum', 'const', 'default', 'examples']

const UNSUPPORTED: readonly string[] = [
  ...['if', 'then', 'else', 'dependentSchemas', 'dependentRequired', 'unevaluatedItems', 'unevaluatedProperties'],
]

/**
 * Why a JSON Schema cannot be used here, as far as that is known without the schema library: it exceeds its limits,
 * refers to another document, or has a keyword that is not supported. Pure; loads no package.
 */
export function unusableSchema(schema: JsonSchema): string | undefined {
  try {
    measureSchema(schema)
  } catch (error) {
    return (error as Error).message
  }
  return faultIn(schema, '')
}

function faultIn(schema: Json | undefined, path: string): string | undefined {
  if (Array.isArray(schema))
    return firstOf(
      schema.map((one, place) => [String(place), one]),
      path,
    )
  if (!isJsonObject(schema)) return undefined
  const { $ref, not } = schema
  const at = path === '' ? '' : ` at ${path}`
  if (typeof $ref === 'string' && !$ref.startsWith('#'))
    return `the reference \`${$ref.slice(0, 100)}\`${at} points to another document: expected one such as \`#/$defs/item\``
  if (not !== undefined && !(isJsonObject(not) && Object.keys(not).length === 0)) return `\`not\`${at} is not supported`
  const found = UNSUPPORTED.find((keyword) => schema[keyword] !== undefined)
  if (found !== undefined) return `\`${found}\`${at} is not supported`
  return firstOf(
    Object.entries(schema).filter(([keyword]) => !DATA.includes(keyword)),
    path,
  )
}

function firstOf(entries: readonly (readonly [string, Json | undefined])[], path: string): string | undefined {
  for (const [key, value] of entries) {
    const inside = path === '' ? key : `${path}.${key}`
    const fault = MAPS.includes(key) && isJsonObject(value) ? faultInMap(value, inside) : faultIn(value, inside)
    if (fault !== undefined) return fault
  }
  return undefined
}

function faultInMap(schemas: { readonly [name: string]: Json | undefined }, path: string): string | undefined {
  for (const [name, schema] of Object.entries(schemas)) {
    const fault = faultIn(schema, `${path}.${name}`)
    if (fault !== undefined) return fault
  }
  return undefined
}

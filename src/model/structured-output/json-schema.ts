import { isJsonObject, type Json } from '../../kernel/json.ts'
import type { JsonSchema } from '../prompt/task.ts'

const MAX_REFERENCES = 8

/** The target of a local `$ref`; after eight references, or for a dangling one, a schema that accepts anything. */
export function dereference(schema: JsonSchema, root: JsonSchema, left = MAX_REFERENCES): JsonSchema {
  if (typeof schema.$ref !== 'string') return schema
  const target = schema.$ref.startsWith('#') ? follow(root, schema.$ref.split('/').slice(1)) : undefined
  return left > 0 && isSchema(target) ? dereference(target, root, left - 1) : {}
}

function follow(root: JsonSchema, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((at, key) => (isSchema(at) ? at[key] : undefined), root)
}

/** Whether a value is an object that can be read as a schema. */
export const isSchema = (value: Json | undefined): value is JsonSchema => isJsonObject(value)

/** The schema under a keyword; one that accepts anything if the keyword is missing. */
export function schemaAt(schema: JsonSchema, keyword: string): JsonSchema {
  const value = schema[keyword]
  return isSchema(value) ? value : {}
}

/** The alternatives of `anyOf`, `oneOf` or a list of types; none for a plain schema. */
export function schemaAlternatives(schema: JsonSchema): readonly JsonSchema[] {
  const listed = schema.anyOf ?? schema.oneOf
  if (Array.isArray(listed)) return listed.filter(isSchema)
  return Array.isArray(schema.type) ? schema.type.map((type) => ({ ...schema, type })) : []
}

/** Texts that a schema allows, each with its description; a missing description is empty. */
export type ConstantMeanings = ReadonlyMap<string, string>

/** The texts of a schema whose alternatives are constants; undefined for another schema. */
export function constantsOf(schema: JsonSchema): ConstantMeanings | undefined {
  const options = schemaAlternatives(schema)
  const constants = options.flatMap(({ const: value, description }): [string, string][] =>
    typeof value === 'string' ? [[value, typeof description === 'string' ? description : '']] : [],
  )
  return constants.length > 0 && constants.length === options.length ? new Map(constants) : undefined
}

/** The type of a schema, inferred from its keywords when it names none. */
export function schemaType(schema: JsonSchema): string {
  if (typeof schema.type === 'string') return schema.type
  if (isSchema(schema.properties)) return 'object'
  return schema.items === undefined ? 'string' : 'array'
}

export function numericKeyword(schema: JsonSchema, keyword: string): number | undefined {
  const value = schema[keyword]
  return typeof value === 'number' ? value : undefined
}

/** The empty value of a schema's type, for a required value that was not found. */
export function emptyValue(schema: JsonSchema): Json {
  if (schema.const !== undefined) return schema.const
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0]!
  const options = schemaAlternatives(schema)
  if (options.length > 0) return options.some(isNullSchema) ? null : emptyValue(options[0]!)
  switch (schemaType(schema)) {
    case 'null':
      return null
    case 'array':
      return []
    case 'object':
      return {}
    case 'boolean':
      return false
    case 'number':
    case 'integer':
      return Math.max(0, numericKeyword(schema, 'minimum') ?? 0)
    default:
      return ''
  }
}

/** Whether a schema accepts only null. */
export const isNullSchema = (schema: JsonSchema): boolean => schema.type === 'null'

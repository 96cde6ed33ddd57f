import type { StandardJSONSchemaV1 } from '@standard-schema/spec'

/** A JSON Schema as plain data. */
type JsonSchema = { readonly [keyword: string]: unknown }

/**
 * The JSON Schema that a schema gives of itself (Standard JSON Schema, draft 2020-12), without `$schema`. Undefined for
 * a schema that gives none, or cannot.
 */
export function standardJsonSchema(
  schema: { readonly '~standard': object },
  io: 'input' | 'output',
): JsonSchema | undefined {
  const { jsonSchema } = schema['~standard'] as Partial<StandardJSONSchemaV1.Props>
  if (!jsonSchema) return undefined
  try {
    // zod: a part without a JSON form accepts everything there, and the schema itself checks it
    const libraryOptions = { unrepresentable: 'any' }
    const { $schema: _, ...converted } = jsonSchema[io]({ target: 'draft-2020-12', libraryOptions })
    return converted
  } catch {
    return undefined
  }
}

import { z } from 'zod'
import type { Json, Schema } from '../kernel/schema.ts'
import { getOrInsert } from '../lib/collections/get-or-insert.ts'
import { standardJsonSchema } from '../lib/json/standard-json-schema.ts'
import type { Tool } from './tool.ts'

/** The JSON Schema of an object, from a zod schema. */
export type ObjectSchema = {
  readonly type: 'object'
  readonly properties?: { readonly [name: string]: PropertySchema }
  readonly required?: readonly string[]
  /** at least one of these sets is required */
  readonly anyOf?: readonly { readonly required?: readonly string[] }[]
  readonly additionalProperties?: unknown
  readonly [keyword: string]: unknown
}

/** The JSON Schema of one field. */
export type PropertySchema = {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: Json
  readonly enum?: readonly Json[]
  readonly anyOf?: readonly PropertySchema[]
  readonly items?: PropertySchema
  readonly [keyword: string]: unknown
}

/** The JSON Schema of the parameters. Undefined if the schema cannot be converted. */
export function inputSchemaOf(tool: Pick<Tool, 'input'>): ObjectSchema | undefined {
  return cached(inputs, tool, tool.input, 'input')
}

/** Whether a tool ends its calls itself after a time. */
export function endsItsCalls(tool: Pick<Tool, 'input' | 'timeout'> | undefined): boolean {
  const properties = tool && inputSchemaOf(tool)?.properties
  return tool?.timeout !== undefined || (properties !== undefined && Object.hasOwn(properties, 'timeout'))
}

/** The JSON Schema of the parameters, also of a choice of objects. Undefined as above. */
export function anyInputSchemaOf(tool: Pick<Tool, 'input'>): { readonly [keyword: string]: unknown } | undefined {
  const object = inputSchemaOf(tool)
  if (object) return object
  return getOrInsert(others, tool, () => ({ schema: toJsonSchema(tool.input, 'input') })).schema
}

const others = new WeakMap<object, { readonly schema: ReturnType<typeof toJsonSchema> }>()

/** The JSON Schema of the results. Undefined if the schema cannot be converted. */
export function outputSchemaOf(tool: Tool): ObjectSchema | undefined {
  const { output } = tool
  return output && cached(outputs, tool, output, 'output')
}

/** Attaches known JSON Schemas to a tool that was loaded as data. */
export function attachSchemas(
  tool: Tool,
  schemas: { readonly input?: ObjectSchema; readonly output?: ObjectSchema },
): void {
  inputs.set(tool, { schema: schemas.input })
  outputs.set(tool, { schema: schemas.output })
}

type SchemaCache = WeakMap<object, { readonly schema: ObjectSchema | undefined }>
const inputs: SchemaCache = new WeakMap()
const outputs: SchemaCache = new WeakMap()

// cached, because a pipeline may have ten thousand steps with the same tool
function cached(
  known: SchemaCache,
  tool: object,
  of: Schema<unknown>,
  io: 'input' | 'output',
): ObjectSchema | undefined {
  return getOrInsert(known, tool, () => ({ schema: objectSchemaOf(of, io) })).schema
}

function objectSchemaOf(schema: Schema<unknown>, io: 'input' | 'output'): ObjectSchema | undefined {
  const known = toJsonSchema(schema, io)
  return known?.type === 'object' ? (known as ObjectSchema) : undefined
}

/** The JSON Schema of what a schema accepts, or makes. Undefined if it cannot be converted. */
export function toJsonSchema(
  schema: Schema<unknown>,
  io: 'input' | 'output',
): { readonly [keyword: string]: unknown } | undefined {
  const standard = standardJsonSchema(schema, io)
  if (standard || schema['~standard'].vendor !== 'zod') return standard
  try {
    const { $schema: _, ...known } = z.toJSONSchema(schema as z.ZodType, { io, unrepresentable: 'any' })
    return known
  } catch {
    // the schema comes from an incompatible version of zod
    return undefined
  }
}

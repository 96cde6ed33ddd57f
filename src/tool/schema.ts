import { z } from 'zod'
import type { Json, Schema } from '../kernel/schema.ts'
import type { Tool } from './tool.ts'

/** What a JSON Schema says of an object; only zod's schemas tell. */
export type ObjectSchema = {
  readonly type: 'object'
  readonly properties?: { readonly [name: string]: PropertySchema }
  readonly required?: readonly string[]
  /** of these one is needed */
  readonly anyOf?: readonly { readonly required?: readonly string[] }[]
  readonly additionalProperties?: unknown
  readonly [keyword: string]: unknown
}

/** What it says of one field. */
export type PropertySchema = {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: Json
  readonly enum?: readonly Json[]
  readonly anyOf?: readonly PropertySchema[]
  readonly items?: PropertySchema
  readonly [keyword: string]: unknown
}

/** The parameters of a tool as JSON Schema; undefined where its schema does not tell. */
export function inputSchemaOf(tool: Pick<Tool, 'input'>): ObjectSchema | undefined {
  return cached(inputs, tool, tool.input, 'input')
}

/** The fields of its results, likewise. */
export function outputSchemaOf(tool: Tool): ObjectSchema | undefined {
  const { output } = tool
  return output && cached(outputs, tool, output, 'output')
}

/** Has a tool that was told of as data keep the schemas it was told with: made again of its validators they would be others. */
export function keepSchemas(tool: Tool, told: { readonly input?: ObjectSchema; readonly output?: ObjectSchema }): void {
  inputs.set(tool, { schema: told.input })
  outputs.set(tool, { schema: told.output })
}

type Known = WeakMap<object, { readonly schema: ObjectSchema | undefined }>
const inputs: Known = new WeakMap()
const outputs: Known = new WeakMap()

// a pipeline may have ten thousand steps of one tool
function cached(known: Known, tool: object, of: Schema<unknown>, io: 'input' | 'output'): ObjectSchema | undefined {
  const found = known.get(tool) ?? { schema: objectSchemaOf(of, io) }
  known.set(tool, found)
  return found.schema
}

function objectSchemaOf(schema: Schema<unknown>, io: 'input' | 'output'): ObjectSchema | undefined {
  if (schema['~standard'].vendor !== 'zod') return undefined
  try {
    const { $schema: _, ...told } = z.toJSONSchema(schema as unknown as z.ZodType, { io, unrepresentable: 'any' })
    return told.type === 'object' ? (told as ObjectSchema) : undefined
  } catch {
    // a schema of another version of zod
    return undefined
  }
}

import { z } from 'zod'
import { json, maybe, type Plain } from '../document.ts'
import { asText, type Json } from '../kernel/json.ts'
import { ownValue } from '../lib/own.ts'
import { inputSchemaOf, type ObjectSchema, outputSchemaOf, type PropertySchema } from './schema.ts'
import type { Tool } from './tool.ts'

const summary = {
  name: z.string(),
  description: z.string(),
  effect: z.enum(['pure', 'idempotent', 'at-most-once']),
}

/** An entry in a list of tools. */
export const toolSummary = z.object(summary).meta({ id: 'ToolSummary' })

const field = z
  .object({
    name: z.string(),
    type: z.string(),
    required: z.boolean(),
    default: maybe(json),
    description: maybe(z.string()),
  })
  .meta({ id: 'ToolField' })

/** One parameter, or one field of a result. */
export type FieldDescription = Plain<typeof field>

const objectSchema = z.record(z.string(), json) as z.ZodType<unknown> as z.ZodType<ObjectSchema>

const toolDescriptionFields = {
  ...summary,
  /** absent: its schema does not tell */
  parameters: maybe(z.array(field)),
  results: maybe(z.array(field)),
  input: maybe(objectSchema),
  output: maybe(objectSchema),
}

export const toolDescription = z.object(toolDescriptionFields).meta({ id: 'Tool' })

/** A tool with its parameters and results. `input` and `output` are JSON Schemas. */
export type ToolDescription = Plain<z.ZodObject<typeof toolDescriptionFields>>

export function describeTool(tool: Tool): ToolDescription {
  const { name, description, effect } = tool
  const [input, output] = [inputSchemaOf(tool), outputSchemaOf(tool)]
  return {
    name,
    description,
    effect,
    ...(input && { parameters: fieldsOf(input), input }),
    ...(output && { results: fieldsOf(output), output }),
  }
}

function fieldsOf({ properties = {}, required = [] }: ObjectSchema): readonly FieldDescription[] {
  return Object.entries(properties).map(([name, property]) => ({
    name,
    type: typeText(property),
    required: required.includes(name),
    ...(property.default !== undefined && { default: property.default }),
    ...(property.description !== undefined && { description: property.description }),
  }))
}

const TYPE_NAMES: { readonly [type: string]: string } = {
  string: 'text',
  integer: 'whole number',
  boolean: 'yes or no',
  object: 'map',
  array: 'list',
  null: 'nothing',
}

/** The type of a field in a few words. */
function typeText({ type, enum: listed, const: only, anyOf, oneOf, items }: PropertySchema): string {
  if (listed) return listed.map((value) => `\`${asText(value)}\``).join(', ')
  if (only !== undefined) return `\`${asText(only as Json)}\``
  const options = anyOf ?? (oneOf as readonly PropertySchema[] | undefined)
  if (options) return [...new Set(options.map(typeText))].join(' or ')
  if (type === 'array' && items && typeText(items) !== 'anything') return `list of ${typeText(items)}`
  const types = [type ?? []].flat()
  return types.length === 0 ? 'anything' : types.map((one) => ownValue(TYPE_NAMES, one) ?? one).join(' or ')
}

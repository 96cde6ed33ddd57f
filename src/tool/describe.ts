import { asText } from '../kernel/json.ts'
import type { Json } from '../kernel/schema.ts'
import type { EffectClass } from '../kernel/types.ts'
import { ownValue } from '../lib/own.ts'
import { inputSchemaOf, type ObjectSchema, outputSchemaOf, type PropertySchema } from './schema.ts'
import type { Tool } from './tool.ts'
import { isUnavailable } from './unavailable.ts'

export type ToolDescription = {
  readonly name: string
  readonly description: string
  readonly effect: EffectClass
  /** what this version lacks to run it */
  readonly missing?: string
  /** absent: its schema does not tell */
  readonly parameters?: readonly FieldDescription[]
  readonly results?: readonly FieldDescription[]
  readonly input?: ObjectSchema
  readonly output?: ObjectSchema
}

/** One parameter, or one field of a result. */
export type FieldDescription = {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly default?: Json
  readonly description?: string
}

/** The description of a tool. */
export function describeTool(tool: Tool): ToolDescription {
  const { name, description, effect } = tool
  const [input, output] = [inputSchemaOf(tool), outputSchemaOf(tool)]
  return {
    name,
    description,
    effect,
    ...(isUnavailable(tool) && { missing: tool.missing }),
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

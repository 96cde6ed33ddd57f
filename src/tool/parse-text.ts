import type { Json } from '../kernel/schema.ts'
import { inputSchemaOf, type PropertySchema } from './schema.ts'
import type { Tool } from './tool.ts'

type Parameters = { readonly [name: string]: Json | undefined }

/** Parameters with texts read as what the tool expects there: `"30"` is a number, `"[1, 2]"` a list. What cannot be read stays. */
export function readTexts(tool: Pick<Tool, 'input'>, parameters: Parameters): Parameters {
  const properties = inputSchemaOf(tool)?.properties
  if (!properties) return parameters
  let read = parameters
  for (const name in parameters) {
    const text = parameters[name]
    if (typeof text !== 'string' || !Object.hasOwn(properties, name)) continue
    const value = readText(text, typesOf(properties[name]!))
    if (value !== text) read = { ...read, [name]: value }
  }
  return read
}

// a pipeline may have ten thousand steps of one tool
const known = new WeakMap<PropertySchema, readonly string[]>()

/** The types a field may have; none: any. */
function typesOf(property: PropertySchema): readonly string[] {
  const types = known.get(property) ?? typesIn(property)
  known.set(property, types)
  return types
}

function typesIn({ type, anyOf, enum: listed }: PropertySchema): readonly string[] {
  if (anyOf) return anyOf.flatMap((option) => (typesOf(option).length > 0 ? typesOf(option) : ['string']))
  return type === undefined || listed ? [] : [type].flat()
}

function readText(text: string, types: readonly string[]): Json {
  if (types.length === 0 || types.includes('string')) return text
  const trimmed = text.trim()
  const said = types.includes('boolean') && /^[a-z]+$/i.test(trimmed) ? readBoolean(trimmed) : undefined
  if (said !== undefined) return said
  const number = types.some((type) => type === 'number' || type === 'integer') ? readNumber(trimmed) : undefined
  if (number !== undefined) return number
  const opening = { '[': 'array', '{': 'object' }[trimmed[0] ?? '']
  return opening !== undefined && types.includes(opening) ? readJson(trimmed, text) : text
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
])

/** What a word of a text says, true or false, white space around it aside. */
export function readBoolean(text: string): boolean | undefined {
  return BOOLEANS.get(text.trim().toLowerCase())
}

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i

/** The number that a text reads as, white space around it aside. */
export function readNumber(text: string): number | undefined {
  const trimmed = text.trim()
  const number = NUMBER.test(trimmed) ? Number(trimmed) : undefined
  return Number.isFinite(number) ? number : undefined
}

function readJson(text: string, otherwise: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    // the tool's own schema says what it expects
    return otherwise
  }
}

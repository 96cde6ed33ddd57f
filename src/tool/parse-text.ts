import { exactNumber, type Json, parseExact } from '../kernel/json.ts'
import { getOrInsert } from '../lib/collections/get-or-insert.ts'
import { attempt } from '../lib/flow/attempt.ts'
import { inputSchemaOf, type PropertySchema } from './schema.ts'
import type { Tool } from './tool.ts'

type Parameters = { readonly [name: string]: Json | undefined }

/** The parameters with texts parsed as the tool expects: `"30"` as a number, `"yes"` as a boolean. */
export function parseTextParameters(tool: Pick<Tool, 'input'>, parameters: Parameters): Parameters {
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

// cached, because a pipeline may have ten thousand steps with the same tool
const known = new WeakMap<PropertySchema, readonly string[]>()

/** The allowed types of a field. Empty means any type. */
const typesOf = (property: PropertySchema): readonly string[] => getOrInsert(known, property, typesIn)

function typesIn({ type, anyOf, enum: listed }: PropertySchema): readonly string[] {
  if (anyOf) return anyOf.flatMap((option) => (typesOf(option).length > 0 ? typesOf(option) : ['string']))
  return type === undefined || listed ? [] : [type].flat()
}

function readText(text: string, types: readonly string[]): Json {
  if (types.length === 0 || types.includes('string')) return text
  const trimmed = text.trim()
  const said = types.includes('boolean') && /^[a-z]+$/i.test(trimmed) ? parseBoolean(trimmed) : undefined
  if (said !== undefined) return said
  const number = types.some((type) => type === 'number' || type === 'integer') ? parseNumber(trimmed) : undefined
  // the schema reports a number that would lose digits
  if (number !== undefined) return exactNumber(number, trimmed)
  const opening = { '[': 'array', '{': 'object' }[trimmed[0] ?? '']
  // the schema of the tool reports JSON that cannot be read
  return opening !== undefined && types.includes(opening) ? attempt(() => parseExact(trimmed) as Json, text) : text
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

/** The boolean that a word stands for, ignoring surrounding white space. */
export const parseBoolean = (text: string): boolean | undefined => BOOLEANS.get(text.trim().toLowerCase())

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i

/** The number in a text, ignoring surrounding white space. */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim()
  const number = NUMBER.test(trimmed) ? Number(trimmed) : undefined
  return Number.isFinite(number) ? number : undefined
}

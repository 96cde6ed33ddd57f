import { z } from 'zod'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { defineTool } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { dataInputSchema, readData } from '../table/data.ts'

/** `validation:infer_schema`: derives a JSON Schema from data. */
export const inferTool = defineTool({
  name: 'validation:infer_schema',
  description: 'Makes a JSON Schema that fits the data',
  input: dataInputSchema({}),
  output: z.object({ schema: z.record(z.string(), anyJson), data_type: z.string() }),
  effect: 'pure',
  async execute(call, context) {
    const { value } = await readData(call, context)
    return { schema: infer([value], 0), data_type: typeOf(value) }
  },
})

const MAX_DEPTH = 50

/** A schema that fits all these values. */
function infer(values: readonly Json[], depth: number): JsonObject {
  const types = [...new Set(values.map(typeOf))]
  const named = types.includes('number') ? types.filter((type) => type !== 'integer') : types
  const type = named.length === 1 ? named[0]! : named
  if (depth > MAX_DEPTH || values.length === 0) return values.length === 0 ? {} : { type }
  return {
    type,
    ...formatOf(values),
    ...objectOf(values.filter(isJsonObject), depth),
    ...listOf(values.filter(isList), depth),
  }
}

function typeOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

type Fields = { readonly [key: string]: Json | undefined }
const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

function objectOf(maps: readonly Fields[], depth: number): JsonObject {
  if (maps.length === 0) return {}
  // in one pass, because the maps may share no key
  const grouped = Map.groupBy(
    maps.flatMap((map) => Object.entries(map)),
    ([key]) => key,
  )
  const fields = [...grouped].map(([key, entries]) => [key, entries.map(([, value]) => value as Json)] as const)
  const properties = Object.fromEntries(fields.map(([key, values]) => [key, infer(values, depth + 1)]))
  return { properties, required: fields.filter(([, values]) => values.length === maps.length).map(([key]) => key) }
}

function listOf(lists: readonly (readonly Json[])[], depth: number): JsonObject {
  return lists.length === 0 ? {} : { items: infer(lists.flat() as readonly Json[], depth + 1) }
}

const FORMATS: readonly (readonly [format: string, pattern: RegExp])[] = [
  ['date', /^\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])$/],
  ['date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/],
  ['email', /^[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){1,4}$/],
  ['uri', /^https?:\/\/[^\s"<>\\^`{|}]{1,2000}$/],
]

/** The common format of all texts. */
function formatOf(values: readonly Json[]): JsonObject {
  const texts = values.filter((value) => typeof value === 'string')
  const found = texts.length > 0 && FORMATS.find(([, pattern]) => texts.every((text) => pattern.test(text)))
  return found ? { format: found[0] } : {}
}

import { isJsonObject, type Json } from '../../kernel/json.ts'
import { ownValue } from '../../lib/own.ts'
import type { JsonSchema } from '../prompt/task.ts'

const BOOLEAN_WORDS: { readonly [word: string]: boolean } = { true: true, yes: true, false: false, no: false }

/** The field of an object that wraps a single value, for servers that only support object schemas. */
export const WRAPPER_FIELD = 'answer'

/** Wraps a bare value, or rewraps a wrong one, if the schema then accepts it. Undefined without a wrapper. */
export function unwrapObject(schema: JsonSchema, text: string, parsed: Json | undefined): Json | undefined {
  const { properties } = schema
  const [field, ...others] = isJsonObject(properties) ? Object.entries(properties) : []
  if (!field || others.length > 0 || field[0] !== WRAPPER_FIELD) return undefined
  const [name, property] = field
  const value = isJsonObject(parsed)
    ? onlyValue(parsed)
    : (parsed ?? readText(text, isJsonObject(property) ? property : {}))
  return value === undefined
    ? undefined
    : { [name]: typeof value === 'string' ? readText(value, isJsonObject(property) ? property : {})! : value }
}

function onlyValue(map: { readonly [key: string]: Json }): Json | undefined {
  const values = Object.values(map)
  return values.length === 1 ? values[0] : undefined
}

/** The text as the value of the field; a final full stop and quotes around it are removed. */
function readText(text: string, { type, enum: allowed }: { readonly [keyword: string]: Json }): Json | undefined {
  const said = text
    .trim()
    .replace(/^(["'`])(.*)\1\.?$/s, '$2')
    .replace(/\.$/, '')
    .trim()
  if (type === 'boolean') return ownValue(BOOLEAN_WORDS, said.toLowerCase()) ?? said
  if (type === 'integer' || type === 'number') return said !== '' && Number.isFinite(Number(said)) ? Number(said) : said
  if (Array.isArray(allowed)) return allowed.find((value) => String(value).toLowerCase() === said.toLowerCase()) ?? said
  if (type !== 'array') return text.trim()
  const items = said
    .split(said.includes('\n') ? '\n' : ',')
    .map((item) => item.replace(/^\s*(?:[-*]|\d+[.)])\s+/, '').trim())
  return items.filter((item) => item !== '')
}

import { asText, isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { PRIORITIES } from '../../../lib/priority.ts'
import { secondsIn, TIME_SPAN_TEXT } from '../../../lib/time/span.ts'
import { timeSpanSchema } from '../../../lib/time/span-schema.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import { expectedGot } from '../diagnostics/expected.ts'
import type { KeySchema } from './key-table.ts'

/** A kind of value, as a table of keys names it: its words in findings, and its reader. */
export type ValueKind<Value> = {
  /** the expected value in the text of a finding */
  readonly wants: string
  /** undefined for a value of another kind */
  readonly read: (value: Json) => Value | undefined
  readonly hint?: (value: Json) => string | undefined
}

/** The same with its schema for editors. */
export type ShapedKind<Value> = ValueKind<Value> & { readonly shape: KeySchema }

/** The keys of a table that have a kind, and the value that each yields. */
export type ReadableKey<Table> = {
  [Key in keyof Table & string]: Table[Key] extends ValueKind<unknown> ? Key : never
}[keyof Table & string]
export type ValueAt<Table, Key extends keyof Table> = Table[Key] extends ValueKind<infer Value> ? Value : never

/** Reads the keys of a map as a table says. A wrong value is passed to `refuse` and counts as absent. */
export function fieldReader<Table>(
  table: Table,
  fields: JsonObject,
  refuse: (key: string, message: string, hint?: string) => void,
): <Key extends ReadableKey<Table>>(key: Key) => ValueAt<Table, Key> | undefined {
  return <Key extends ReadableKey<Table>>(key: Key) => {
    const value = fields[key]
    if (value === undefined) return undefined
    const { read, wants, hint } = table[key] as ValueKind<ValueAt<Table, Key>>
    const found = read(value)
    if (found === undefined) refuse(key, expectedGot(key, wants, value), hint?.(value))
    return found
  }
}

const isText = (value: Json): value is string => typeof value === 'string' && value.trim() !== ''
const numberIn = (value: Json, least: number, most: number) =>
  typeof value === 'number' && value >= least && value <= most ? value : undefined

/** A text that is not empty. */
export const TEXT: ShapedKind<string> = {
  shape: { type: 'string' },
  wants: 'a text',
  read: (value) => (isText(value) ? value : undefined),
}

/** The same without the space around it. */
export const NAME: ShapedKind<string> = {
  shape: { type: 'string' },
  wants: 'a name',
  read: (value) => (isText(value) ? value.trim() : undefined),
}

export const FLAG: ShapedKind<boolean> = {
  shape: { type: 'boolean' },
  wants: 'true or false',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
}

/** A number within bounds. */
export function numberBetween(least: number, most: number): ShapedKind<number> {
  return {
    shape: { type: 'number', minimum: least, maximum: most },
    wants: `a number from ${least} to ${most}`,
    read: (value) => numberIn(value, least, most),
  }
}

export function integerBetween(least: number, most: number): ShapedKind<number> {
  return {
    shape: { type: 'integer', minimum: least, maximum: most },
    wants: `a whole number from ${least} to ${most}`,
    read: (value) => (Number.isInteger(value) ? numberIn(value, least, most) : undefined),
  }
}

/** The number to write in place of a time with a unit, such as `3s`. */
export const secondsHint = (value: Json): string | undefined =>
  typeof value === 'string' && TIME_SPAN_TEXT.test(value) ? `Write it in seconds: ${secondsIn(value)}` : undefined

/** Seconds, up to a day; the value is in ms. */
export const SECONDS: ShapedKind<number> = {
  shape: { type: 'number', exclusiveMinimum: 0, maximum: 86_400 },
  wants: 'a number of seconds from 0.001 to 86400',
  hint: secondsHint,
  read: (value) => inMilliseconds(numberIn(value, 0.001, 86_400)),
}

const inMilliseconds = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000)

const MAX_PATIENCE_SECONDS = 7 * 86_400

/** Seconds or a time span, up to a week; the value is in ms. */
export const PATIENCE: ShapedKind<number> = {
  shape: { anyOf: [{ type: 'number', minimum: 0, maximum: MAX_PATIENCE_SECONDS }, { type: 'string' }] },
  wants: 'seconds or a time such as 30m, at most 7d',
  read(value) {
    const { data: seconds } = timeSpanSchema.safeParse(value)
    return seconds !== undefined && seconds <= MAX_PATIENCE_SECONDS ? seconds * 1000 : undefined
  },
}

const BYTES_PER_UNIT: { readonly [unit: string]: number } = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

export const BYTES: ShapedKind<number> = {
  shape: { type: ['number', 'string'] },
  wants: 'a number of bytes or a text such as 10MB',
  read(value) {
    const [, count, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?b|)$/i.exec(asText(value).trim()) ?? []
    const factor = BYTES_PER_UNIT[unit.toLowerCase()]
    return count !== undefined && factor !== undefined ? Number(count) * factor : undefined
  },
}

export const MAP: ShapedKind<JsonObject> = {
  shape: { type: 'object' },
  wants: 'a map',
  read: (value) => (isJsonObject(value) ? value : undefined),
}

/** A condition: its text, which is empty for an empty key. */
export const EXPRESSION: ShapedKind<string> = {
  shape: { type: ['string', 'boolean', 'number', 'null'] },
  wants: 'an expression',
  read: (value) => (value === null ? '' : typeof value === 'object' ? undefined : String(value)),
}

/** A list to loop over, or a template that yields it. */
export const LIST: ShapedKind<Json> = {
  shape: { anyOf: [{ type: 'array' }, { type: 'object' }, { type: 'string' }] },
  wants: 'a list, or a template that yields a list',
  read: (value) => (typeof value === 'number' || typeof value === 'boolean' || value === null ? undefined : value),
}

const MAX_PARALLEL = 1000
const PARALLEL = integerBetween(1, MAX_PARALLEL)

/** The number of iterations in flight, or a template that yields it. */
export const WIDTH: ShapedKind<number | string> = {
  shape: { anyOf: [PARALLEL.shape, { type: 'string' }] },
  wants: `${PARALLEL.wants}, or a template`,
  read: (value) => (typeof value === 'string' && /\{\{|\{%/.test(value) ? value : PARALLEL.read(value)),
}

const ROUNDS = integerBetween(0, 100_000)

/** The maximum number of iterations, or a template that yields it. */
export const ITERATIONS: ShapedKind<number | string> = {
  shape: { anyOf: [ROUNDS.shape, { type: 'string' }] },
  wants: `${ROUNDS.wants}, or a template that renders to one`,
  read: (value) => (typeof value === 'string' ? value : ROUNDS.read(value)),
}

export function wordAmong<Word extends string>(words: readonly Word[]): ShapedKind<Word> {
  return {
    shape: { enum: words },
    wants: `one of ${words.join(', ')}`,
    read: (value) => words.find((word) => word === value),
    hint: (value) => didYouMean(asText(value), words),
  }
}

/** The priority of work. */
export const PRIORITY = wordAmong(PRIORITIES)

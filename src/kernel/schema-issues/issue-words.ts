import type { StandardSchemaV1 } from '@standard-schema/spec'

export type Choice = string | number | boolean | null

/** An issue of any schema library. The further fields are those of zod. */
export type SchemaIssue = StandardSchemaV1.Issue & {
  readonly code?: string
  readonly expected?: string
  readonly values?: readonly Choice[]
  readonly options?: readonly Choice[]
  readonly errors?: readonly (readonly SchemaIssue[])[]
  readonly issues?: readonly SchemaIssue[]
  readonly keys?: readonly string[]
  readonly origin?: string
  readonly minimum?: number | bigint
  readonly maximum?: number | bigint
  readonly inclusive?: boolean
  readonly exact?: boolean
  readonly format?: string
  readonly pattern?: string
  readonly prefix?: string
  readonly suffix?: string
  readonly includes?: string
  readonly divisor?: number
}

/** A fault in words; `expected` is the part that says what the schema takes, absent in a text of its author. */
type IssueWords = { readonly message: string; readonly expected?: string }

/** Says in our words what a value must be, without the value: it may be secret. A text of the schema's author stays. */
export function wordsOf(issue: SchemaIssue, value: unknown): IssueWords {
  if (!isOfLibrary(issue)) return { message: issue.message }
  const expected = expectation(issue)
  return expected === undefined ? { message: otherwise(issue) } : found(expected, value, mustTellKind(issue, value))
}

/** The words for a value that has none of several types. */
export function typeWords(wanted: readonly string[], value: unknown): IssueWords {
  return wanted.length === 0 ? { message: NO_FIT } : found(expectedTypes(wanted), value, true)
}

function found(expected: string, value: unknown, tellsKind: boolean): IssueWords {
  if (value === undefined) return { message: `it is missing${expected === ANY ? '' : `, ${expected}`}`, expected }
  return { message: tellsKind ? `${expected}, got ${nameOfType(typeOf(value))}` : expected, expected }
}

const NO_FIT = 'it does not fit'
/** The fault of a required field that takes any value. */
const ANY = 'expected a value'

/** Whether zod has worded the message. All its own texts begin so. */
function isOfLibrary({ code, message, format }: SchemaIssue): boolean {
  if (code === undefined) return false
  if (code === 'custom') return message === 'Invalid input'
  if (code !== 'invalid_format') return /^(?:Invalid |Too (?:small|big): |Unrecognized key)/.test(message)
  return /^Invalid string: must /.test(message) || FORMATS.has(formatIn(message)) || formatIn(message) === format
}

const formatIn = (message: string) => message.replace(/^Invalid /, '')

function expectation(issue: SchemaIssue): string | undefined {
  const { code, expected, values, options, divisor, message } = issue
  const choices = values ?? options
  if (choices) return `expected ${choices.length === 1 ? '' : 'one of '}${choices.map(textOf).join(', ')}`
  if (code === 'invalid_type' && expected !== undefined) return expectedTypes([expected])
  if (code === 'too_small' || code === 'too_big') return expectedSize(issue)
  if (code === 'not_multiple_of') return `expected a multiple of ${divisor}`
  if (code === 'invalid_format') return expectedFormat(issue, message)
  return undefined
}

const textOf = (choice: Choice) => (choice === '' ? '""' : String(choice))
const expectedTypes = (wanted: readonly string[]) => `expected ${[...new Set(wanted.map(nameOfType))].join(' or ')}`

function otherwise({ code, issues: [inner] = [], message }: SchemaIssue): string {
  if (code === 'unrecognized_keys') return 'the key is unknown'
  if (code === 'invalid_key' && inner) return wordsOf(inner, '').message
  return message.includes('more than one option') ? 'it fits several forms, expected one' : NO_FIT
}

/** A choice or a size says little about a value of another kind. */
function mustTellKind({ code, values, options }: SchemaIssue, value: unknown): boolean {
  const choices = values ?? options
  if (choices) return choices.every((one) => typeOf(one) !== typeOf(value))
  return code === 'invalid_type'
}

// sizes

const UNITS: { readonly [origin: string]: readonly [one: string, several: string] } = {
  string: ['character', 'characters'],
  array: ['item', 'items'],
  set: ['item', 'items'],
  map: ['entry', 'entries'],
  object: ['key', 'keys'],
  file: ['byte', 'bytes'],
}

function expectedSize({ code, origin = '', minimum, maximum, inclusive = true, exact }: SchemaIssue): string {
  const isLeast = code === 'too_small'
  const bound = isLeast ? minimum : maximum
  const unit = Object.hasOwn(UNITS, origin) ? UNITS[origin] : undefined
  if (!unit) return `expected ${origin === 'date' ? 'a date' : 'a number'} ${boundWords(isLeast, inclusive, bound)}`
  if (isLeast && Number(bound) === 1 && inclusive && !exact)
    return `expected ${nameOfType(origin)} that is not empty`.replace('a string', 'a text')
  const side = exact
    ? 'exactly'
    : isLeast
      ? inclusive
        ? 'at least'
        : 'more than'
      : inclusive
        ? 'at most'
        : 'less than'
  return `expected ${side} ${bound} ${unit[Number(bound) === 1 ? 0 : 1]}`
}

function boundWords(isLeast: boolean, inclusive: boolean, bound: unknown): string {
  if (isLeast) return inclusive ? `of ${bound} or more` : `above ${bound}`
  return inclusive ? `of ${bound} or less` : `below ${bound}`
}

// forms of texts

/** Our words for the names that zod gives to forms. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['email address', 'an email address'],
  ['URL', 'a URL'],
  ['UUID', 'a UUID'],
  ['ISO datetime', 'a date and time such as 2026-01-31T12:00:00Z'],
  ['ISO date', 'a date such as 2026-01-31'],
  ['ISO time', 'a time such as 12:00:00'],
  ['ISO duration', 'a duration such as PT1H'],
  ['IPv4 address', 'an IPv4 address'],
  ['IPv6 address', 'an IPv6 address'],
  ['base64-encoded string', 'a text in base64'],
  ['base64url-encoded string', 'a text in base64url'],
  ['JSON string', 'a text with JSON in it'],
  ['input', 'a text of another form'],
])

function expectedFormat({ format, pattern, prefix, suffix, includes }: SchemaIssue, message: string): string {
  if (format === 'starts_with') return `expected a text that begins with ${JSON.stringify(prefix)}`
  if (format === 'ends_with') return `expected a text that ends with ${JSON.stringify(suffix)}`
  if (format === 'includes') return `expected a text that contains ${JSON.stringify(includes)}`
  if (format === 'regex' && pattern !== undefined) return `expected a text that matches ${pattern}`
  return `expected ${FORMATS.get(formatIn(message)) ?? format ?? 'a text of another form'}`
}

// types

export const nameOfType = (type: string) => TYPE_NAMES.get(type) ?? type

/** The type of a value, as schemas call it. */
export const typeOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)

const TYPE_NAMES: ReadonlyMap<string, string> = new Map([
  ['string', 'a string'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['bigint', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['tuple', 'a list'],
  ['set', 'a set'],
  ['object', 'a map'],
  ['record', 'a map'],
  ['map', 'a map'],
  ['date', 'a date'],
  ['file', 'a file'],
  ['function', 'a function'],
  ['null', 'nothing'],
  ['undefined', 'nothing'],
  ['void', 'nothing'],
  ['never', 'nothing'],
  ['nonoptional', 'a value'],
])

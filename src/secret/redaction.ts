import type { Problem } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import { createRedactor } from './multi-pattern.ts'
import { isSecretVariable } from './names.ts'

/** Environment variables by name. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>

/** Takes secrets out of what is told: as they are, and as JSON, URLs, base64 or hexadecimal digits have them. */
export interface Redaction {
  /** From now on these are secrets, too; one that was rotated stays one. */
  learn(values: readonly string[]): void
  /**
   * A value without what is known to be a secret and without the variables whose names say that they are one; its keys, too. Itself when there
   * is none in it. For what is worked on.
   */
  hide<Value extends Json>(value: Value): Value
  /** A text without that, and without what the environment calls a secret. For what is said of work, and shown. */
  redact(text: string): string
  /** A problem whose texts are redacted. */
  problem(problem: Problem): Problem
}

/** Variables that hold a secret by their name, so that no result has it. */
const NAMED = /_KEY$|_TOKEN$|PASSWORD|SECRET|^OTEL_EXPORTER_OTLP_(?:\w+_)?HEADERS$/i
/** Variables that may hold one, so that no line and no error has it; not those that say where it lies. */
const SECRET = /KEY|TOKEN|SECRET|PASS|CREDENTIAL|HEADERS|DSN/i
const PLACE = /_(?:FILE|PATH|DIR)$/i
/** Values that are known at once, at most: a rotated one is forgotten when so many came after it. */
const MAX_KNOWN_VALUES = 5_000

/** What takes out secrets in this environment: those that are called so, and what `learn` is told. */
export function createRedaction(environment: EnvironmentVariables): Redaction {
  const ours = valuesOf(environment, (name) => isOurs(name) || (NAMED.test(name) && !PLACE.test(name)))
  const likely = valuesOf(environment, (name) => SECRET.test(name) && !PLACE.test(name))
  const learned = new Set<string>()
  let remove: ((text: string) => string) | undefined
  let removeAll: ((text: string) => string) | undefined
  const hideText = (text: string) => {
    remove ??= createRedactor([...ours, ...learned].flatMap(secretForms))
    return remove(text)
  }
  const redact = (text: string) => {
    removeAll ??= createRedactor([...ours, ...learned, ...likely].flatMap(secretForms))
    return removeAll(text)
  }
  return {
    learn(values) {
      const unknown = longEnough(values).filter((value) => !learned.has(value))
      if (unknown.length === 0) return
      for (const value of unknown) learned.add(value)
      for (const value of learned) if (learned.size > MAX_KNOWN_VALUES) learned.delete(value)
      remove = removeAll = undefined
    },
    hide: (value) => (ours.length + learned.size === 0 ? value : hidden(value, hideText)),
    redact,
    problem: ({ message, hint, stack, ...rest }) => ({
      ...rest,
      message: redact(message),
      ...(hint !== undefined && { hint: redact(hint) }),
      ...(stack !== undefined && { stack: redact(stack) }),
    }),
  }
}

const isOurs = (variable: string) => isSecretVariable(variable) || variable === 'ANTIPHON_PASSPHRASE'

function valuesOf(environment: EnvironmentVariables, isSecret: (variable: string) => boolean): readonly string[] {
  const found = Object.entries(environment).filter(([name]) => isSecret(name))
  return longEnough(
    found.flatMap(([name, value = '']) => (HEADERS.test(name) ? [value, ...headersIn(value)] : [value])),
  )
}

const HEADERS = /HEADERS$/i

/** The values of `name=value,name=value`, as they are and as they are sent, and what stands behind `Bearer`. */
function headersIn(text: string): readonly string[] {
  return text.split(',').flatMap((header) => {
    const written = header.slice(header.indexOf('=') + 1).trim()
    const sent = decoded(written)
    return [written, sent, sent.replace(/^(?:Bearer|Basic)\s+/i, '')]
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const longEnough = (values: readonly string[]) => values.filter(({ length }) => length >= MIN_SECRET_LENGTH)

/** The value with its texts made safe; what is safe already stays as it is. */
function hidden<Value extends Json>(value: Value, hide: (text: string) => string): Value
function hidden(value: Json, hide: (text: string) => string): Json {
  if (typeof value === 'string') return hide(value)
  if (typeof value !== 'object' || value === null) return value
  if (!isList(value)) return hiddenFields(value, hide)
  const items = value.map((item) => hidden(item, hide))
  return items.some((item, index) => item !== value[index]) ? items : value
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
type Fields = { readonly [name: string]: Json | undefined }

function hiddenFields(value: Fields, hide: (text: string) => string): Fields {
  const fields = Object.entries(value)
  const safe = fields.map(([name, field]) => [hide(name), hidden(field ?? null, hide)] as const)
  const isSafe = safe.every(
    ([name, field], index) => name === fields[index]![0] && field === (fields[index]![1] ?? null),
  )
  return isSafe ? value : Object.fromEntries(safe)
}

/** Of shorter ones the mark would be all over the text. */
export const MIN_SECRET_LENGTH = 6
const MIN_LINE_LENGTH = 16

/** What a secret looks like where it is told: as it is, its lines, and as JSON, URLs, base64 and hexadecimal digits have it. */
export function secretForms(secret: string): readonly string[] {
  const lines = secret.includes('\n') ? secret.split(/\r?\n/).filter(isTelling) : []
  const forms = [secret, ...lines].flatMap((text) => [text, ...written(text), ...encoded(Buffer.from(text))])
  return [...new Set(forms)].filter((form) => form.length >= MIN_SECRET_LENGTH)
}

/** Of a key in several lines each tells something, but those that only say what it is. */
const isTelling = (line: string) => line.length >= MIN_LINE_LENGTH && !line.startsWith('-----')

function written(text: string): readonly string[] {
  const escaped = encodeURIComponent(text.toWellFormed())
  const form = escaped.replaceAll('%20', '+').replaceAll(/[!'()~]/g, (char) => `%${hexOf(char)}`)
  const lower = (url: string) => url.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  return [JSON.stringify(text).slice(1, -1), escaped, form, lower(escaped), lower(form)]
}

const hexOf = (char: string) => char.charCodeAt(0).toString(16).toUpperCase()

function encoded(bytes: Buffer): readonly string[] {
  const base64 = [0, 1, 2].map((before) => within(bytes, before))
  const url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))
  const hex = bytes.toString('hex')
  return [...base64, ...url, hex, hex.toUpperCase()]
}

/** What base64 makes of it behind so many bytes (of three), whatever stands around it: the characters that are its own alone. */
function within(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
}

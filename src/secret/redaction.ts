import { type Problem, redactProblem } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import { createRedactor, type RedactedStream, type Redactor } from './multi-pattern.ts'
import { isSecretVariable } from './names.ts'

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>

/** Removes secrets from texts: in plain form and as encoded by JSON, URLs, base64 or hex. */
export interface Redaction {
  /** Adds secrets. A rotated secret stays known. */
  learn(values: readonly string[]): void
  /**
   * Removes known secrets, and variables whose names mark them as secrets, from a value and its
   * keys. Returns the same value if it contains none. For data that is processed further.
   */
  hide<Value extends Json>(value: Value): Value
  /** Like `hide`, for a text that is shown as it comes, also for a secret that comes in pieces. */
  hideStream(): RedactedStream
  /** Like `hide`, and also removes other suspicious environment variables. For texts that are shown. */
  redact(text: string): string
  problem(problem: Problem): Problem
}

/** Names of variables that hold secrets. Their values are removed from results. */
const NAMED = /_KEY$|_TOKEN$|PASSWORD|SECRET|^OTEL_EXPORTER_OTLP_(?:\w+_)?HEADERS$/i
/** Names of variables that may hold secrets. Their values are removed from logs and errors. */
const SECRET = /KEY|TOKEN|SECRET|PASS|CREDENTIAL|HEADERS|DSN/i
const PLACE = /_(?:FILE|PATH|DIR)$/i
/** Number of known values. The oldest are forgotten first. */
const MAX_KNOWN_VALUES = 5_000

/** A redaction that knows this environment and the values passed to `learn`. */
export function createRedaction(environment: EnvironmentVariables): Redaction {
  const ours = valuesOf(environment, (name) => isOurs(name) || (NAMED.test(name) && !PLACE.test(name)))
  const likely = valuesOf(environment, (name) => SECRET.test(name) && !PLACE.test(name))
  const learned = new Set<string>()
  let ofData: Redactor | undefined
  let ofTexts: Redactor | undefined
  const known = () => (ofData ??= createRedactor([...ours, ...learned].flatMap(secretForms)))
  const hideText = (text: string) => known().whole(text)
  const redact = (text: string) => {
    ofTexts ??= createRedactor([...ours, ...learned, ...likely].flatMap(secretForms))
    return ofTexts.whole(text)
  }
  return {
    learn(values) {
      const unknown = longEnough(values).filter((value) => !learned.has(value))
      if (unknown.length === 0) return
      for (const value of unknown) learned.add(value)
      for (const value of learned) if (learned.size > MAX_KNOWN_VALUES) learned.delete(value)
      ofData = ofTexts = undefined
    },
    hide: (value) => (ours.length + learned.size === 0 ? value : hidden(value, hideText)),
    hideStream: () => known().stream(),
    redact,
    problem: (problem) => redactProblem(problem, redact),
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

/** The values of `name=value,name=value`, plain and URL-decoded, and the token after `Bearer`. */
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

/** Redacts the texts of a value. Shares unchanged parts. */
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

/** Shorter secrets would match everywhere. */
export const MIN_SECRET_LENGTH = 6
const MIN_LINE_LENGTH = 16

/** The forms of a secret in texts: plain, by line, and as encoded by JSON, URLs, base64 and hex. */
export function secretForms(secret: string): readonly string[] {
  const lines = secret.includes('\n') ? secret.split(/\r?\n/).filter(isTelling) : []
  const forms = [secret, ...lines].flatMap((text) => [text, ...written(text), ...encoded(Buffer.from(text))])
  return [...new Set(forms)].filter((form) => form.length >= MIN_SECRET_LENGTH)
}

/** Each line of a multi-line key is secret, except the BEGIN and END lines. */
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

/** The base64 of the bytes at this offset (modulo 3): only the characters that do not depend on neighbours. */
function within(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
}

import { type Problem, redactProblem } from '../errors.ts'
import type { Json } from '../kernel/json.ts'
import { attempt } from '../lib/flow/attempt.ts'
import { createRedactor, type RedactedStream, type Redactor } from './multi-pattern.ts'
import { isSecretVariable } from './names.ts'

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>

/** A secret with the name that a step may say: `openai` of `secret://openai`, or a variable. */
export type NamedSecret = readonly [name: string, value: string]

/**
 * Removes secrets from texts: in plain form and as encoded by JSON, URLs, base64 or hex. *Declared* secrets were given
 * to antiphon as secrets, and no value that is stored has one. *Guessed* ones are variables whose names look secret:
 * they may be any word, so values keep them, and only what leaves the process lacks them.
 */
export interface Redaction {
  /** Adds declared secrets. A rotated secret stays known. */
  learn(secrets: readonly NamedSecret[]): void
  /**
   * Removes declared secrets from a value that is stored, and from its keys. Returns the same value if it has none.
   * `cut` receives the name of each that was removed.
   */
  hide<Value extends Json>(value: Value, cut?: (name: string) => void): Value
  /** Removes declared and guessed secrets from a value that leaves: its texts and keys, however deep, except `own`. */
  shown<Value>(value: Value, own?: ReadonlySet<string>): Value
  /** Like `shown`, for a text that is shown as it comes, also for a secret that comes in pieces. */
  showStream(): RedactedStream
  /** Like `shown`, and also removes other suspicious environment variables. For logs and errors. */
  redact(text: string): string
  problem(problem: Problem): Problem
}

/** Names of variables that hold secrets by a guess. */
const NAMED = /_KEY$|_TOKEN$|PASSWORD|SECRET|^OTEL_EXPORTER_OTLP_(?:\w+_)?HEADERS$/i
/** Names of variables that may hold secrets. Their values are removed from logs and errors. */
const SECRET = /KEY|TOKEN|SECRET|PASS|CREDENTIAL|HEADERS|DSN/i
const PLACE = /_(?:FILE|PATH|DIR)$/i
/** Number of known values. The oldest are forgotten first. */
const MAX_KNOWN_VALUES = 5_000

/** Words of every document. A variable with one of them hides nothing, and its loss would break each reader. */
const OWN_WORDS: ReadonlySet<string> = new Set([
  ...['pending', 'queued', 'started', 'running', 'waiting', 'paused', 'completed', 'failed', 'cancelled', 'skipped'],
  ...['status', 'result', 'inputs', 'outputs', 'action', 'duration', 'message', 'content', 'pipeline', 'workflow'],
])

/** A redaction of this environment and of learned values. `keys`: variables that hold declared secrets. */
export function createRedaction(environment: EnvironmentVariables, keys: ReadonlySet<string> = new Set()): Redaction {
  const ours = secretsOf(environment, (name) => isOurs(name) || keys.has(name))
  const isGuess = ([, value]: NamedSecret) => !OWN_WORDS.has(value)
  const guessed = secretsOf(environment, (name) => NAMED.test(name) && !PLACE.test(name)).filter(isGuess)
  const likely = secretsOf(environment, (name) => SECRET.test(name) && !PLACE.test(name))
  const learned = new Map<string, string>()
  const declared = () => [...ours, ...[...learned].map(([value, name]): NamedSecret => [name, value])]
  let made = redactors()

  function redactors() {
    const since = declared()
    const once = (secrets: readonly NamedSecret[]) => {
      let redactor: Redactor | undefined
      return () => (redactor ??= createRedactor(formsOf(secrets)))
    }
    return {
      ofStored: since.length === 0 ? undefined : once(since),
      ofShown: since.length + guessed.length === 0 ? undefined : once([...since, ...guessed]),
      ofTexts: once([...since, ...guessed, ...likely]),
    }
  }

  const redact = (text: string) => made.ofTexts().whole(text)
  return {
    learn(secrets) {
      const unknown = longEnough(secrets).filter(([, value]) => !learned.has(value))
      if (unknown.length === 0) return
      for (const [name, value] of unknown) learned.set(value, name)
      for (const value of learned.keys()) if (learned.size > MAX_KNOWN_VALUES) learned.delete(value)
      made = redactors()
    },
    hide(value, cut) {
      const { ofStored } = made
      return ofStored ? (cutTexts(value, (text) => ofStored().whole(text, cut)) as typeof value) : value
    },
    shown(value, own) {
      const { ofShown } = made
      const cut = (text: string) => (own?.has(text) ? text : ofShown!().whole(text))
      return ofShown ? (cutTexts(value, cut) as typeof value) : value
    },
    showStream: () => (made.ofShown?.() ?? createRedactor(new Map())).stream(),
    redact,
    problem: (problem) => redactProblem(problem, redact),
  }
}

/** A variable of antiphon itself. */
const isOurs = (variable: string) =>
  isSecretVariable(variable) || (variable.startsWith('ANTIPHON_') && SECRET.test(variable) && !PLACE.test(variable))

function secretsOf(environment: EnvironmentVariables, isSecret: (variable: string) => boolean): readonly NamedSecret[] {
  const found = Object.entries(environment).filter(([name]) => isSecret(name))
  return longEnough(
    found.flatMap(([name, value = '']) =>
      (HEADERS.test(name) ? [value, ...headersIn(value)] : [value]).map((one): NamedSecret => [name, one]),
    ),
  )
}

/** The forms of secrets, each with the name of the first secret that has it. */
function formsOf(secrets: readonly NamedSecret[]): ReadonlyMap<string, string> {
  const forms = new Map<string, string>()
  for (const [name, value] of secrets)
    for (const form of secretForms(value)) if (!forms.has(form)) forms.set(form, name)
  return forms
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

const decoded = (text: string): string => attempt(() => decodeURIComponent(text), text)

const longEnough = (secrets: readonly NamedSecret[]) => secrets.filter(([, { length }]) => length >= MIN_SECRET_LENGTH)

/** Changes the texts of a value. Shares unchanged parts; bytes and other objects of classes stay as they are. */
function cutTexts(value: unknown, cut: (text: string) => string): unknown {
  if (typeof value === 'string') return cut(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => cutTexts(item, cut))
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const fields = Object.entries(value)
  const safe = fields.map(([name, field]) => [cut(name), cutTexts(field, cut)] as const)
  const isSafe = safe.every(([name, field], index) => name === fields[index]![0] && field === fields[index]![1])
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

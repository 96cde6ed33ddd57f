import { hash } from 'node:crypto'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { escapeRegExp } from '../text/strings.ts'
import { INSIDE } from './schema-keywords.ts'

/**
 * The parameters of a tool, at any depth, whose names providers refuse: `sent` has the names that models get, and `own`
 * the way back. A sent name is no other name of the tool, so the place of a parameter does not matter.
 */
export type ParameterNames = {
  readonly sent: ReadonlyMap<string, string>
  readonly own: ReadonlyMap<string, string>
}

/** The names that every provider takes: those of Anthropic, without two that the AI SDK refuses in a reply. */
const ACCEPTED = /^(?!(?:__proto__|constructor)$)[A-Za-z0-9_.-]{1,64}$/
const MAX_NAME = 64
const DIGEST_LENGTH = 8

/** A name as providers take it. A new one is ASCII, ends in a digest of the old one, and is not taken. Pure. */
export function acceptedName(name: string, isTaken: (name: string) => boolean): string {
  const plain = name
    .slice(0, MAX_NAME)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9_.-]+/g, '_')
    .slice(0, MAX_NAME - DIGEST_LENGTH - 1)
  for (let round = 0; ; round++) {
    const digest = hash('sha256', round === 0 ? name : `${name}#${round}`, 'hex').slice(0, DIGEST_LENGTH)
    const free = `${plain}_${digest}`
    if (!isTaken(free)) return free
  }
}

/** Whether every provider takes a name. */
export const isAcceptedName = (name: string): boolean => ACCEPTED.test(name)

/** The table for a schema whose keywords are those of draft 2020-12. Pure. */
export function parameterNames(schema: Json): ParameterNames {
  const all = new Set<string>()
  const collect = (name: string) => {
    all.add(name)
    return name
  }
  renamed(schema, { name: collect, data: (value) => value })
  const own = new Map<string, string>()
  for (const name of all)
    if (!isAcceptedName(name))
      own.set(
        acceptedName(name, (free) => all.has(free) || own.has(free)),
        name,
      )
  return { own, sent: new Map([...own].map(([sent, name]) => [name, sent])) }
}

/** The schema with the names that models get. Pure. */
export const withSentNames = (schema: Json, { sent }: ParameterNames): Json =>
  sent.size === 0
    ? schema
    : renamed(schema, { name: (name) => sent.get(name) ?? name, data: (value) => withNames(value, sent) })

/** Levels of parameters with other names. A reply has fewer. */
const MAX_LEVELS = 200

/** Parameters with other names, at any depth. Pure. */
export function withNames(value: Json, names: ReadonlyMap<string, string>, levels = MAX_LEVELS): Json {
  if (names.size === 0 || levels === 0) return value
  const inner = (one: Json) => withNames(one, names, levels - 1)
  if (Array.isArray(value)) return value.map(inner)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [names.get(name) ?? name, inner(one)]))
}

/**
 * The words of a failure with the names that models get: whole words of a text, and signs where a fault has its place,
 * as in `parameters.<: it is missing`. Pure.
 */
export function inSentNames(words: Json, { sent }: ParameterNames): Json {
  if (sent.size === 0) return words
  const longest = [...sent.keys()].filter((name) => name !== '').toSorted((one, other) => other.length - one.length)
  const pattern = new RegExp(longest.map(wholeName).join('|'), 'gu')
  const inText = (value: Json): Json => {
    if (typeof value === 'string') return value.replace(pattern, (name) => sent.get(name)!)
    if (Array.isArray(value)) return value.map(inText)
    if (!isJsonObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inText(one)]))
  }
  return longest.length === 0 ? words : inText(words)
}

function wholeName(name: string): string {
  const isWord = /[\p{L}\p{N}]/u.test(name)
  const [before, behind] = isWord ? ['(?<![\\p{L}\\p{N}_])', '(?![\\p{L}\\p{N}_])'] : ['(?<=\\.)', '(?=[.:])']
  return `${before}${escapeRegExp(name)}${behind}`
}

/** New names for those in a schema: the names of parameters, and those in values such as a default. */
type Renaming = { name(name: string): string; data(value: Json): Json }

const DATA: ReadonlySet<string> = new Set(['default', 'const', 'enum', 'examples', 'example'])

function renamed(schema: Json, renaming: Renaming): Json {
  if (!isJsonObject(schema)) return schema
  return Object.fromEntries(Object.entries(schema).map(([word, value]) => [word, renamedPart(word, value, renaming)]))
}

function renamedPart(word: string, value: Json, renaming: Renaming): Json {
  const inner = (one: Json) => renamed(one, renaming)
  const names = (list: Json) =>
    (list as readonly Json[]).map((name) => (typeof name === 'string' ? renaming.name(name) : name))
  const fields = (each: (one: Json) => Json, name: (key: string) => string) =>
    Object.fromEntries(Object.entries(value as object).map(([key, one]) => [name(key), each(one)]))
  if (DATA.has(word)) return renaming.data(value)
  if (word === 'required') return names(value)
  if (word === 'dependentRequired') return fields(names, renaming.name)
  if (word === 'propertyNames' && isJsonObject(value) && Array.isArray(value.enum))
    return inner({ ...value, enum: names(value.enum) })
  const isNaming = word === 'properties' || word === 'dependentSchemas'
  switch (INSIDE.get(word)) {
    case 'schema':
      return inner(value)
    case 'list':
      return (value as readonly Json[]).map(inner)
    case 'map':
      return fields(inner, isNaming ? renaming.name : (key) => key)
    default:
      return value
  }
}

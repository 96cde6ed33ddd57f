import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap } from 'yaml'
import { exactNumber, type Json } from '../kernel/json.ts'
import { nameOfType, typeOf } from '../kernel/schema-issues/issue-words.ts'

/** Maximum number of values merged by `<<`. */
const MAX_MERGED_VALUES = 250_000

type Code = 'yaml_syntax' | 'too_large'
type YamlFault = { readonly code: Code; readonly message: string; readonly hint?: string; readonly at: number }
type Fields = { [key: string]: Json }

/** The state of a conversion: values of anchors, and the remaining number of merged values. */
type Making = { readonly anchors: Map<string, Json>; left: number; fault?: YamlFault }

/**
 * Converts a document and visits each node once. Values of aliases are shared; merged values count
 * against a limit. The converter of the parser searches all anchors for each alias and copies a map
 * for each merge.
 */
export function toJson({ contents }: Document.Parsed): { readonly value: Json; readonly fault?: YamlFault } {
  const making: Making = { anchors: new Map(), left: MAX_MERGED_VALUES }
  const value = make(contents, making)
  return making.fault ? { value: null, fault: making.fault } : { value }
}

function make(node: unknown, making: Making): Json {
  if (isScalar(node)) return keep(node, plain(node), making)
  if (isAlias(node)) return anchored(node, making)
  if (isMap(node)) return fill(keep(node, {}, making), node, making)
  if (!isSeq(node)) return null
  const list = keep<Json[]>(node, [], making)
  for (const item of node.items) list.push(make(item, making))
  return list
}

function plain({ value, source }: Scalar): Json {
  if (typeof value === 'number') return exactNumber(value, source ?? '')
  return typeof value === 'symbol' ? MERGE : (value as Json)
}

/** The key of a merge that merges nothing. */
const MERGE = '<<'

/** Registers the anchor before the content, so that cycles are found. */
function keep<T extends Json>({ anchor }: { anchor?: string }, value: T, { anchors }: Making): T {
  if (anchor !== undefined) anchors.set(anchor, value)
  return value
}

function anchored({ source, range }: { source: string; range?: readonly number[] | null }, making: Making): Json {
  const value = making.anchors.get(source)
  if (value !== undefined) return value
  return refuse(making, range?.[0], `there is no anchor \`&${source}\` before its alias`, {
    hint: 'A value that starts with `*` refers to an anchor: put a text in quotes.',
  })
}

function fill(fields: Fields, { items }: YAMLMap, making: Making): Json {
  for (const { key, value } of items) {
    if (isScalar(key) && typeof key.value === 'symbol') takeOver(fields, value, placeOf(key), making)
    else put(fields, keyOf(key, making), make(value, making))
  }
  return fields
}

function keyOf(key: Pair['key'], making: Making): string {
  const made = make(key, making)
  if (made === null) return ''
  if (typeof made !== 'object') return String(made)
  refuse(making, placeOf(key), 'expected a text as key, got a list or a map')
  return ''
}

/** Adds the missing keys of a map, or of each map in a list. */
function takeOver(fields: Fields, value: unknown, at: number | undefined, making: Making): void {
  const source = make(value, making)
  if (making.fault) return
  for (const map of Array.isArray(source) ? source : [source]) {
    if (typeof map !== 'object' || map === null || Array.isArray(map)) {
      refuse(making, at, `expected a map or a list of maps below \`<<\`, got ${nameOfType(typeOf(map))}`)
      return
    }
    const entries = Object.entries(map as Fields)
    making.left -= entries.length + 1
    if (making.left < 0) {
      refuse(making, at, `\`<<\` merges more than ${MAX_MERGED_VALUES} values`, { code: 'too_large' })
      return
    }
    for (const [key, item] of entries) if (!Object.hasOwn(fields, key)) put(fields, key, item)
  }
}

function put(fields: Fields, key: string, value: Json): void {
  if (key in fields) Object.defineProperty(fields, key, { value, writable: true, enumerable: true, configurable: true })
  else fields[key] = value
}

const placeOf = (node: unknown) => (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : 0)

function refuse(making: Making, at = 0, message: string, more: { hint?: string; code?: Code } = {}): null {
  making.fault ??= { code: 'yaml_syntax', message, ...more, at }
  return null
}

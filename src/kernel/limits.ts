import { InvalidError, TerminalError } from '../errors.ts'

/** Limits of every actor: sizes in characters of JSON, levels of nesting, and counts. */
export const KERNEL_LIMITS = {
  body: 256 * 1024,
  cell: 64 * 1024,
  depth: 200,
  sends: 256,
  cancels: 4096,
  index: 12,
} as const

/** Called for every object, list, function and symbol in a value, with its name in messages. */
type ObjectVisitor = (item: object | symbol, what: string) => void

/**
 * Throws `too_large`, with the name of the value, when the JSON of `value` is longer than `limit` or nested too deeply,
 * and an InvalidError for a BigInt. Passes the parts of the value to `visit`.
 */
export function checkSize(value: unknown, limit: number, what: string, visit: ObjectVisitor = ignore): void {
  if (most(value, KERNEL_LIMITS.depth, what, visit) > limit && measure(value, limit) > limit)
    throw new TerminalError(`${what} is larger than ${limit / 1024} KiB.`, { code: 'too_large' })
}

/** Whether the JSON of `value` has at most `limit` characters. */
export function isWithinSize(value: unknown, limit: number): boolean {
  return most(value, Number.POSITIVE_INFINITY, '', ignore) <= limit || measure(value, limit) <= limit
}

const ignore = () => {}

/** An upper bound for the characters of the JSON; it nearly always settles the question. */
function most(value: unknown, depth: number, what: string, visit: ObjectVisitor): number {
  if (typeof value === 'string') return mostOf(value)
  if (typeof value === 'number') return MAX_NUMBER_LENGTH
  if (typeof value === 'boolean' || value == null) return MAX_LITERAL_LENGTH
  if (typeof value === 'bigint') throw new InvalidError(`${what} contains a BigInt, which is not JSON.`)
  if (typeof value !== 'object') {
    visit(value as object | symbol, what)
    return measure(value, KERNEL_LIMITS.body)
  }
  if (depth === 0)
    throw new TerminalError(`${what} is nested deeper than ${KERNEL_LIMITS.depth}.`, { code: 'too_large' })
  const size = Array.isArray(value) ? mostOfList(value, depth, what, visit) : mostOfObject(value, depth, what, visit)
  visit(value, what)
  return size
}

// by number: an iterator per list is garbage, and all decisions of turns pass here
function mostOfList(list: readonly unknown[], depth: number, what: string, visit: ObjectVisitor): number {
  let size = 2
  for (let at = 0; at < list.length; at++) size += 1 + most(list[at], depth - 1, what, visit)
  return size
}

function mostOfObject(value: object, depth: number, what: string, visit: ObjectVisitor): number {
  let size = 2
  for (const key in value)
    size += 2 + mostOf(key) + most((value as { readonly [key: string]: unknown })[key], depth - 1, what, visit)
  return size
}

// a character may become six, as in \u0000
const mostOf = (text: string) => 2 + 6 * text.length
const MAX_NUMBER_LENGTH = '-2.2250738585072014e-308'.length
const MAX_LITERAL_LENGTH = 'false'.length

/** The number of characters in the JSON of a value; stops counting above `limit`. */
function measure(value: unknown, limit: number): number {
  if (typeof value === 'string') return value.length > limit ? value.length : lengthOf(value)
  if (typeof value !== 'object' || value === null) return (JSON.stringify(value) ?? 'null').length
  return Array.isArray(value) ? measureList(value, limit) : measureObject(value, limit)
}

function measureList(list: readonly unknown[], limit: number): number {
  let size = 1
  for (let at = 0; at < list.length && size <= limit; at++) size += 1 + measure(list[at], limit - size)
  return Math.max(2, size)
}

function measureObject(value: object, limit: number): number {
  let size = 1
  for (const key in value) {
    const item = (value as { readonly [key: string]: unknown })[key]
    if (item === undefined) continue
    const name = lengthOf(key) + 1
    size += 1 + name + measure(item, limit - size - name)
    if (size > limit) break
  }
  return Math.max(2, size)
}

// no character of it needs an escape
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/
const lengthOf = (text: string) => (PLAIN.test(text) ? text.length + 2 : JSON.stringify(text).length)

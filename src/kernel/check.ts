import { InvalidError, TerminalError } from '../errors.ts'
import type { Json } from './schema.ts'
import type { Actor, Index, Turn } from './types.ts'

/** Sizes in characters of JSON, levels of nesting, and counts, that no actor may pass. */
export const LIMITS = { body: 256 * 1024, cell: 64 * 1024, depth: 200, sends: 256, index: 8 } as const

const KIND = /^[a-z][a-z0-9-]*$/
// where an engine puts replies and dead letters
const RESERVED: ReadonlySet<string> = new Set(['reply', 'deadletter'])

/** Throws a TypeError when the kind is not a legal name, or is one of the engine's own. */
export function checkActor(actor: Actor): void {
  if (!KIND.test(actor.kind)) throw new TypeError(`actor kind ${JSON.stringify(actor.kind)} does not match ${KIND}`)
  if (RESERVED.has(actor.kind)) throw new TypeError(`actor kind ${actor.kind} is the engine's own`)
}

/** Throws what is wrong with a decision before an engine sees it. */
export function checkTurn(kind: string, turn: Turn): void {
  if (turn.state !== undefined) checkSize(turn.state, LIMITS.cell, `the state of ${kind}`)
  for (const [name, part] of Object.entries(turn.parts ?? {})) {
    checkName(name, `a part's name of ${kind}`)
    checkSize(part, LIMITS.body, `part ${name} of ${kind}`)
  }
  for (const send of turn.send ?? []) {
    checkName(send.to.key, `a key that ${kind} sends to`)
    checkSize(send.body, LIMITS.body, `a message from ${kind} to ${send.to.kind}`)
  }
  for (const event of turn.events ?? []) checkSize(event, LIMITS.body, `an event of ${kind}`)
  for (const [name, timer] of Object.entries(turn.timers ?? {}))
    if (timer) checkSize(timer.body, LIMITS.body, `timer ${name} of ${kind}`)
  if (turn.reply !== undefined) checkSize(turn.reply, LIMITS.body, `the reply of ${kind}`)
  checkCount(turn.send?.length ?? 0, LIMITS.sends, `messages sent by one turn of ${kind}`)
  checkIndex(kind, turn.index ?? {})
  checkPlain(turn, `what ${kind} decided`)
}

const FIELD = /^\w[\w-]*$/

function checkIndex(kind: string, index: Index): void {
  checkCount(Object.keys(index).length, LIMITS.index, `index fields of ${kind}`)
  for (const [field, value] of Object.entries(index)) {
    if (!FIELD.test(field))
      throw new InvalidError(`index field ${JSON.stringify(field)} of ${kind} does not match ${FIELD}`)
    if (typeof value !== 'string' && !Number.isFinite(value))
      throw new InvalidError(`index field ${field} of ${kind} is neither a text nor a number`)
  }
}

/** Throws when a value holds what would come back from disk as something else: a Date, a Set, an instance of a class. */
function checkPlain(value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null) return
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null && !Array.isArray(value))
    throw new InvalidError(`${what} holds a ${value.constructor.name}, which is not JSON`)
  for (const item of Object.values(value)) checkPlain(item, what)
}

/** Throws `too_large`, naming what, when the JSON of `value` is longer than `limit` or nested too deep; stops counting there. */
export function checkSize(value: Json, limit: number, what: string): void {
  if (measure(value, limit, LIMITS.depth, what) > limit)
    throw new TerminalError(`${what} is larger than ${limit / 1024} KiB`, { code: 'too_large' })
}

/** Throws an InvalidError when a key, an id or a name holds a NUL or half a character: no store keeps those. */
export function checkName(name: string, what: string): void {
  if (name.includes('\0')) throw new InvalidError(`${what} holds a NUL character`)
  if (!name.isWellFormed()) throw new InvalidError(`${what} holds half a character (a lone surrogate)`)
}

function checkCount(count: number, limit: number, what: string): void {
  if (count > limit) throw new InvalidError(`${what}: ${count}, at most ${limit}`)
}

/** The value as it is after storing and reading back, shared with nobody; what has no JSON becomes null. */
export function asJson(value: unknown): Json {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  return JSON.parse(JSON.stringify(value) ?? 'null') as Json
}

/** How many characters the JSON of a value has; gives up counting once past `limit`. */
function measure(value: Json | undefined, limit: number, depth: number, what: string): number {
  if (typeof value === 'string') return value.length > limit ? value.length : JSON.stringify(value).length
  if (typeof value !== 'object' || value === null) return (JSON.stringify(value) ?? 'null').length
  if (depth === 0) throw new TerminalError(`${what} is nested deeper than ${LIMITS.depth}`, { code: 'too_large' })
  const isList = Array.isArray(value)
  let size = 1
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined && !isList) continue
    const name = isList ? 0 : JSON.stringify(key).length + 1
    size += 1 + name + measure(item, limit - size - name, depth - 1, what)
    if (size > limit) return size
  }
  return Math.max(2, size)
}

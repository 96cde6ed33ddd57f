import { InvalidError } from '../errors.ts'
import { isJsonObject } from './json.ts'
import { checkSize, KERNEL_LIMITS } from './limits.ts'
import type { Actor, ActorIndex, ActorRef, Directive, Send, Turn } from './types.ts'

const KIND_PATTERN = /^[a-z][a-z0-9-]*$/
// where an engine puts replies and dead letters
const RESERVED_KINDS: ReadonlySet<string> = new Set(['reply', 'deadletter'])

/** Throws a TypeError when the kind is not a legal name, or is one of the engine's own. */
export function checkActor(actor: Actor): void {
  if (typeof actor.kind !== 'string' || !KIND_PATTERN.test(actor.kind))
    throw new TypeError(
      `actor kind ${isJsonObject(actor.kind) ? 'a map' : JSON.stringify(actor.kind)} does not match ${KIND_PATTERN}`,
    )
  if (RESERVED_KINDS.has(actor.kind)) throw new TypeError(`actor kind ${actor.kind} is reserved for the engine`)
}

/** Checks a turn before an engine gets it, and freezes it. Throws if the turn is invalid. */
export function checkTurn(kind: string, turn: Turn): void {
  if (checked.has(turn)) return
  checkTurnShape(kind, turn)
  const { state, parts, send, events, timers, reply, refuse, escalate, index, watch, cancel } = turn
  if (state !== undefined) freezeState(kind, state)
  if (parts) fixParts(kind, parts)
  if (send) fixSends(kind, send)
  if (events) for (const event of events) fixGiven(event, `an event of ${kind}`)
  if (timers) fixTimers(kind, timers)
  if (reply !== undefined) fix(reply, KERNEL_LIMITS.body, `the reply of ${kind}`)
  if (refuse) fix(refuse, KERNEL_LIMITS.body, `the refusal of ${kind}`)
  if (escalate) fix(escalate, KERNEL_LIMITS.body, `the failure of ${kind}`)
  if (index) checkIndex(kind, index)
  if (watch) fixWatch(kind, watch)
  if (cancel) fixCancel(kind, cancel)
}

// the commit of a turn that its actor has checked does not check it again
const checked = new WeakSet<Turn>()

/** Checks a turn for an actor that has another one in its place, and freezes it. Throws if the turn is invalid. */
export function checkOwnTurn(kind: string, turn: Turn): void {
  checkTurn(kind, turn)
  Object.freeze(turn)
  checked.add(turn)
}

/** Checks a state and freezes it. Throws if the state is invalid. */
export function freezeState<State>(kind: string, state: State): State {
  fix(state, KERNEL_LIMITS.cell, `the state of ${kind}`)
  return state
}

function fixParts(kind: string, parts: NonNullable<Turn['parts']>): void {
  for (const name of Object.keys(parts)) {
    checkName(name, `a part's name of ${kind}`)
    fix(parts[name], KERNEL_LIMITS.body, `part ${name} of ${kind}`)
  }
}

function fixSends(kind: string, sends: readonly Send[]): void {
  checkCount(sends.length, KERNEL_LIMITS.sends, `messages sent by one turn of ${kind}`)
  for (const send of sends) {
    checkMap(send, `a message from ${kind}`)
    const { to, body, replyTo } = send
    checkRef(to, `\`to\` of a message from ${kind}`)
    checkId(to.key, `a key that ${kind} sends to`)
    fixGiven(body, `a message from ${kind} to ${to.kind}`)
    if (replyTo !== undefined) checkRef(replyTo, `\`replyTo\` of a message from ${kind}`)
    Object.freeze(to)
    Object.freeze(replyTo)
  }
}

function fixWatch(kind: string, watch: NonNullable<Turn['watch']>): void {
  for (const ref of watch) checkRef(ref, `an actor that ${kind} watches`)
  fix(watch, KERNEL_LIMITS.body, `what ${kind} watches`)
}

function fixCancel(kind: string, cancel: NonNullable<Turn['cancel']>): void {
  checkCount(cancel.length, KERNEL_LIMITS.cancels, `cancellations by one turn of ${kind}`)
  for (const one of cancel) {
    checkMap(one, `what ${kind} cancels`)
    checkRef(one.of, `\`of\` of what ${kind} cancels`)
    fix(one, KERNEL_LIMITS.body, `what ${kind} cancels`)
  }
}

function fixTimers(kind: string, timers: NonNullable<Turn['timers']>): void {
  for (const [name, timer] of Object.entries(timers))
    if (timer) {
      checkDelay(timer.delay, `timer ${name} of ${kind}`)
      fixGiven(timer.body, `timer ${name} of ${kind}`)
    }
}

/** Like `fix`, for a required value: `undefined` has no JSON. */
function fixGiven(value: unknown, what: string): void {
  if (value === undefined) throw new InvalidError(`${what} is undefined, which is not JSON.`)
  fix(value, KERNEL_LIMITS.body, what)
}

/** Checks and freezes in one pass. A value that an actor could still change would be shared or differ from the disk. */
function fix(value: unknown, limit: number, what: string): void {
  checkSize(value, limit, what, fixItem)
}

function fixItem(item: object | symbol, what: string): void {
  if (typeof item !== 'object') throw new InvalidError(`${what} contains a ${typeof item}, which is not JSON.`)
  const prototype: unknown = Object.getPrototypeOf(item)
  if (prototype !== Object.prototype && prototype !== null && !Array.isArray(item))
    throw new InvalidError(`${what} contains a ${item.constructor?.name ?? 'strange object'}, which is not JSON.`)
  // JSON.stringify calls it, although it is hidden
  if (typeof (item as { readonly toJSON?: unknown }).toJSON === 'function')
    throw new InvalidError(`${what} contains a toJSON method, so its JSON would differ.`)
  Object.freeze(item)
}

const INDEX_FIELD_PATTERN = /^\w[\w-]*$/

function checkIndex(kind: string, index: ActorIndex): void {
  fix(index, KERNEL_LIMITS.cell, `the index of ${kind}`)
  checkCount(Object.keys(index).length, KERNEL_LIMITS.index, `index fields of ${kind}`)
  for (const [field, value] of Object.entries(index)) {
    if (!INDEX_FIELD_PATTERN.test(field))
      throw new InvalidError(`Index field ${JSON.stringify(field)} of ${kind} does not match ${INDEX_FIELD_PATTERN}.`)
    if (typeof value !== 'string' && !Number.isFinite(value))
      throw new InvalidError(`Index field ${field} of ${kind} must be a text or a number.`)
  }
}

/** Keys, ids and names must suit every store. InvalidError for NUL characters and lone surrogates. */
function checkName(name: string, what: string): void {
  if (typeof name !== 'string') throw new InvalidError(`${what} must be a text.`)
  if (name.includes('\0')) throw new InvalidError(`${what} contains a NUL character.`)
  if (!name.isWellFormed()) throw new InvalidError(`${what} contains half a character (a lone surrogate).`)
}

/** As `checkName`; an id and a key are printed on terminals and in logs: they hold no control character. */
export function checkId(id: string, what: string): void {
  checkName(id, what)
  if (CONTROL_CHARACTER.test(id))
    throw new InvalidError(`${what} contains a control character: ${JSON.stringify(id.slice(0, 120))}.`)
}
const CONTROL_CHARACTER = /\p{Cc}/u

/** Throws an InvalidError if a delay is not a number of ms: both "at once" and "never" would be wrong. */
export function checkDelay(delay: unknown, what: string): void {
  if (!Number.isFinite(delay)) throw new InvalidError(`${what}: expected a delay in ms, got ${describeValue(delay)}.`)
}

const DIRECTIVES: readonly unknown[] = ['retry', 'reset', 'fail', 'stop', 'escalate'] satisfies Directive['type'][]

/** @throws InvalidError if it is not a directive, for example a promise: the message would never end */
export function checkDirective(directive: Directive, kind: string): Directive {
  const { type } = (directive as Partial<Directive> | null | undefined) ?? {}
  if (!DIRECTIVES.includes(type)) throw new InvalidError(`\`supervise\` of ${kind} returned no directive.`)
  if (directive.type === 'retry') checkDelay(directive.delay, `what \`supervise\` of ${kind} returned`)
  return directive
}

const describeValue = (value: unknown) => (typeof value === 'number' ? `${value}` : `of type ${typeof value}`)

function checkCount(count: number, limit: number, what: string): void {
  if (count > limit) throw new InvalidError(`${what}: ${count}, at most ${limit}.`)
}

// shapes

/** The shapes of the fields of a turn. */
type Shape = 'any' | 'map' | 'list' | 'problem' | 'flag'

const FIELDS = {
  state: 'any',
  parts: 'map',
  reply: 'any',
  send: 'list',
  refuse: 'problem',
  timers: 'map',
  events: 'list',
  index: 'map',
  watch: 'list',
  cancel: 'list',
  stop: 'flag',
  escalate: 'problem',
} satisfies { [Key in keyof Required<Turn>]: Shape }
const SHAPES: ReadonlyMap<string, Shape> = new Map(Object.entries(FIELDS))

/**
 * Throws an InvalidError when the value that an actor returned is not a turn, or a field of it has the wrong shape. A
 * list has no field of a turn: treated as a turn, it would change nothing, and its caller would wait forever.
 */
function checkTurnShape(kind: string, turn: Turn): void {
  if (!isJsonObject(turn) || isOtherObject(turn))
    throw new InvalidError(`${kind} returned no turn: expected an object, got ${valueKind(turn)}.`, { hint: TURN_HINT })
  for (const key in turn) {
    const shape = SHAPES.get(key)
    if (shape === undefined) throw unknownKey(kind, key)
    const value = turn[key as keyof Turn]
    if (shape !== 'any' && value != null) checkShape(value, shape, `\`${key}\` of a turn of ${kind}`)
  }
}

const TURN_HINT = 'Return a turn such as { state, reply }. To change nothing, return {}.'

function unknownKey(kind: string, key: string): InvalidError {
  const hint = `Expected one of ${[...SHAPES.keys()].join(', ')}.`
  return new InvalidError(`A turn of ${kind}: \`${key}\` is not a key of a turn.`, { hint })
}

/** A date, a Map, an error or a generator: an object of a class, without fields. */
function isOtherObject(turn: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(turn)
  return prototype !== Object.prototype && prototype !== null && Object.keys(turn).length === 0
}

function checkShape(value: unknown, shape: Shape, what: string): void {
  if (shape === 'list' && !Array.isArray(value)) throw unexpected(what, 'a list', value)
  if (shape === 'flag' && typeof value !== 'boolean') throw unexpected(what, 'true or false', value)
  if (shape === 'map' || shape === 'problem') checkMap(value, what)
  if (shape === 'problem' && typeof (value as { readonly message?: unknown }).message !== 'string')
    throw new InvalidError(`${what}: expected a problem with a text as its \`message\`.`, { hint: PROBLEM_HINT })
}

const PROBLEM_HINT = 'A problem is { code, name, message }.'

/** Throws an InvalidError for anything but a map. */
function checkMap(value: unknown, what: string): void {
  if (!isJsonObject(value)) throw unexpected(what, 'an object', value)
}

/** Throws an InvalidError for anything but the address of an actor. */
function checkRef(value: ActorRef, what: string): void {
  checkMap(value, what)
  if (typeof value.kind !== 'string' || typeof value.key !== 'string')
    throw new InvalidError(`${what}: expected an actor as { kind, key }, with texts.`)
}

const unexpected = (what: string, expected: string, value: unknown) =>
  new InvalidError(`${what}: expected ${expected}, got ${valueKind(value)}.`)

function valueKind(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value === undefined || value === null) return `${value}`
  if (typeof value === 'string') return 'a text'
  if (typeof value !== 'object') return `a ${typeof value}`
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1)
  return tag === 'Object' ? 'an object' : `an object (${tag})`
}

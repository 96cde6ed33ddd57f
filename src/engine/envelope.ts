import { randomBytes } from 'node:crypto'
import { InvalidError } from '../errors.ts'
import { checkDelay, checkId } from '../kernel/check.ts'
import { childId } from '../kernel/commit.ts'
import { asFrozenJson } from '../kernel/json.ts'
import { checkSize, LIMITS } from '../kernel/limits.ts'
import { refOf } from '../kernel/ref.ts'
import type { Json } from '../kernel/schema.ts'
import type { ActorRef, Envelope, Posted } from '../kernel/types.ts'
import { readTraceparent } from '../observe/traceparent.ts'
import type { TellOptions } from './engine.ts'

/** An id that no other process and no other call makes: a random beginning, then a count. */
export const newId = () => `${BEGINNING}.${++count}`
const BEGINNING = randomBytes(16).toString('base64url')
let count = 0

/** A decided message on its way: the engine's clock says when it left and when it is due. */
export function stamp(posted: Posted, now: number): Envelope {
  if (posted.delay === undefined) return { ...posted, createdAt: now }
  const { delay, ...rest } = posted
  return { ...rest, createdAt: now, due: now + delay }
}

/** A message from outside, with a body of its own: what the caller does to it later changes nothing. Throws `too_large`. */
export function envelopeFrom(
  to: ActorRef,
  body: Json,
  now: number,
  options: TellOptions & { readonly replyTo?: ActorRef },
  createId: () => string = newId,
): Envelope {
  const { id = createId(), correlationId = id } = options
  checkId(to.key, `a key of a message to ${to.kind}`)
  if (options.id !== undefined) checkGiven(id, `an id of a message to ${to.kind}`)
  if (options.trace !== undefined && !readTraceparent(options.trace))
    throw new InvalidError(`a message to ${to.kind}: trace is to be a traceparent as W3C has it`)
  if (correlationId !== id) checkId(correlationId, `a correlation id of a message to ${to.kind}`)
  checkSize(body, LIMITS.body, `a message to ${to.kind}`)
  const { replyTo, delay, trace } = options
  if (delay !== undefined) checkDelay(delay, `a message to ${to.kind}`)
  const made: { -readonly [field in keyof Envelope]: Envelope[field] } = {
    v: 1,
    id,
    type: options.type ?? 'request',
    from: null,
    to: Object.freeze({ kind: to.kind, key: to.key }),
    createdAt: now,
    correlationId,
    cause: null,
    body: asFrozenJson(body),
  }
  if (replyTo) made.replyTo = Object.freeze({ kind: replyTo.kind, key: replyTo.key })
  if (delay) made.due = now + delay
  if (trace !== undefined) made.trace = trace
  return made
}

// what is not known of an id is mostly no text or an empty one: all that came without one would be taken for the same
function checkGiven(id: string, what: string): void {
  checkId(id, what)
  if (id === '') throw new InvalidError(`${what} is empty`, { hint: 'Give none where there is none.' })
}

/** Ids from outside are remembered this long (ms); after that the same id is a new request. */
export const REMEMBERED = 24 * 3_600_000

const ASK = 'ask '

/** What an id from outside is given for. */
export const useOf = ({ kind, key }: ActorRef, isAsk: boolean) => `${isAsk ? ASK : 'tell '}${kind}/${key}`

/** Whether by that use of an id somebody was asked, and not told. */
export const isAsked = (use: string) => use.startsWith(ASK)

/** Who was asked by that use of an id; undefined where somebody was told. */
export const askedBy = (use: string): ActorRef | undefined => (isAsked(use) ? refOf(use.slice(ASK.length)) : undefined)

/** Throws an InvalidError of code `id_taken` when an id comes again for something else: its reply would be another's, and so is what it was given for. */
export function checkUse(first: string, now: string, id: string): void {
  if (first !== now) throw idTaken(`the id ${id} was given before, for something else`)
}

/** An id that cannot be given again, and why. */
export function idTaken(why: string): InvalidError {
  return new InvalidError(why, { code: 'id_taken', hint: 'Give another id.' })
}

/** Lets the actor of a dead letter take it, should it have failed. */
export function resumeOf({ id, to, createdAt, correlationId, trace }: Envelope): Envelope {
  return {
    v: 1,
    id: childId(id, 'resume'),
    type: 'resume',
    from: null,
    to,
    createdAt,
    correlationId,
    cause: id,
    body: null,
    ...(trace !== undefined && { trace }),
  }
}

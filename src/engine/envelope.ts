import { randomBytes } from 'node:crypto'
import { InvalidError } from '../errors.ts'
import { checkDelay, checkId } from '../kernel/check.ts'
import { deriveId } from '../kernel/commit.ts'
import { asFrozenJson, type Json } from '../kernel/json.ts'
import { losslessJson } from '../kernel/kept-json.ts'
import { checkSize, KERNEL_LIMITS } from '../kernel/limits.ts'
import { parseRef } from '../kernel/ref.ts'
import type { ActorRef, Envelope, OutgoingMessage } from '../kernel/types.ts'
import { readTraceparent } from '../observe/traceparent.ts'
import type { TellOptions } from './engine.ts'

/** Makes an id that is unique across all processes: a random prefix and a counter. */
export const newId = () => `${ID_PREFIX}.${++count}`
// a command line would take an id that begins with a dash for an option
const ID_PREFIX = randomBytes(16).toString('base64url').replace(/^-/, '_')
let count = 0

/** Turns a decided message into an envelope: the engine's clock sets `createdAt` and `due`. */
export function toEnvelope(posted: OutgoingMessage, now: number): Envelope {
  if (posted.delay === undefined) return { ...posted, createdAt: now }
  const { delay, ...rest } = posted
  return { ...rest, createdAt: now, due: now + delay }
}

/** Creates the envelope of an outside message. The body is copied, so the caller may change it. Throws `too_large`. */
export function createEnvelope(
  to: ActorRef,
  body: Json,
  now: number,
  options: TellOptions & { readonly replyTo?: ActorRef },
  createId: () => string = newId,
): Envelope {
  const { id = createId(), correlationId = id } = options
  checkId(to.key, `a key of a message to ${to.kind}`)
  if (options.id !== undefined) checkGiven(id, `The id of a message to ${to.kind}`)
  if (options.trace !== undefined && !readTraceparent(options.trace))
    throw new InvalidError(`A message to ${to.kind}: expected trace to be a W3C traceparent.`)
  if (correlationId !== id) checkId(correlationId, `a correlation id of a message to ${to.kind}`)
  checkSize(body, KERNEL_LIMITS.body, `a message to ${to.kind}`)
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
    body: asFrozenJson(body, losslessJson),
  }
  if (replyTo) made.replyTo = Object.freeze({ kind: replyTo.kind, key: replyTo.key })
  if (delay) made.due = now + delay
  if (trace !== undefined) made.trace = trace
  return made
}

// an empty id is almost always a caller's bug; accepting it would merge unrelated requests
function checkGiven(id: string, what: string): void {
  checkId(id, what)
  if (id === '') throw new InvalidError(`${what} is empty.`, { hint: 'Omit it instead.' })
}

/** Ids from outside are remembered this long (ms); after that the same id is a new request. */
export const ID_RETENTION_MS = 24 * 3_600_000

const ASK_PREFIX = 'ask '

/** The use of an external id: `ask kind/key` or `tell kind/key`. */
export const idUse = ({ kind, key }: ActorRef, isAsk: boolean) => `${isAsk ? ASK_PREFIX : 'tell '}${kind}/${key}`

/** Whether the id was used for an ask, not for a tell. */
export const isAskUse = (use: string) => use.startsWith(ASK_PREFIX)

/** The actor that got the ask with an id; undefined for a tell. */
export const askTarget = (use: string): ActorRef | undefined =>
  isAskUse(use) ? parseRef(use.slice(ASK_PREFIX.length)) : undefined

/** Throws an InvalidError `id_taken` when an id comes again for another use: the caller would get another's reply. */
export function checkSameUse(first: string, now: string, id: string): void {
  if (first !== now) throw idTakenError(`The id ${id} belongs to another request.`)
}

export function idTakenError(why: string): InvalidError {
  return new InvalidError(why, { code: 'id_taken', hint: 'Use another id.', place: { path: 'id' } })
}

/** Resumes the actor of a dead letter, in case it has failed, so that it can take the letter. */
export function resumeMessage({ id, to, createdAt, correlationId, trace }: Envelope): Envelope {
  return {
    v: 1,
    id: deriveId(id, 'resume'),
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

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type Problem, problemOf, redactProblem, terminalProblem } from '../errors.ts'
import { directiveOf } from './attempt/supervise.ts'
import { checkActor } from './check.ts'
import {
  buildCommit,
  cellAfterMessage,
  errorReplies,
  failureCommit,
  quarantineCommit,
  unchangedCommit,
} from './commit.ts'
import { deadLetterCommit } from './dead-letter.ts'
import { isDamageError, isInterruption } from './faults.ts'
import type { Json } from './json.ts'
import { resumeActor, stopActor, watchActor } from './lifecycle.ts'
import { olderCell, openCell } from './open-cell.ts'
import { parseNow } from './schema.ts'
import type { Actor, AddressedActor, Cell, Commit, Directive, Effects, Envelope, Notice, Turn } from './types.ts'

/** An actor whose schema and turns have types of their own. */
type Defined<State, Message, Returned, Sent> = Omit<Actor<State, Message>, 'message' | 'receive'> & {
  readonly message: StandardSchemaV1<Sent, Message>
  receive(state: State, message: Message, effects: Effects): Returned | Promise<Returned>
}

/** The messages before the schema reads them, if it says what it takes. */
type SentTo<Message, Sent> = unknown extends Sent ? Message : Sent
/** The replies of turns; any, if no turn has one: the reply comes in a message of its own. */
type ReplyIn<Returned> = [ReplyOf<Returned>] extends [never] ? Json : ReplyOf<Returned>
type ReplyOf<Returned> = Returned extends { readonly reply?: infer Reply } ? Exclude<Reply, undefined> : never

/** An actor as its author writes it, with its kind checked. The reply has the type that `receive` gives it. */
export function defineActor<State, Message, Returned extends Turn<NoInfer<State>> = Turn<State>, Sent = unknown>(
  actor: Defined<State, Message, Returned, Sent>,
): AddressedActor<State, Message, SentTo<Message, Sent>, ReplyIn<Returned>> {
  checkActor(actor as Actor)
  const { kind } = actor
  const at = (key: string) => ({ kind, key })
  return Object.assign(Object.create(Object.getPrototypeOf(actor)), actor, { at })
}

/**
 * Runs one message through one actor, and returns all changes as data; synchronously, unless the actor awaits
 * something. Pure except for `effects`. Errors of the actor never throw: they become the commit of their directive.
 * Throws only if the engine interrupted the turn.
 */
export function runTurn(
  actor: Actor,
  cell: Cell | undefined,
  envelope: Envelope,
  effects: Effects,
): Commit | Promise<Commit> {
  const refusal = shortcutCommit(cell, envelope)
  if (refusal) return refusal
  if (envelope.type === 'watch') return watchActor(cell, envelope)
  if (envelope.type === 'resume') return resumeActor(cell, envelope)
  if (envelope.type === 'stop') return stopActor(actor, cell, envelope, effects)
  return takeMessage(actor, cell, envelope, effects)
}

/** Builds the commit that takes a message of cancelled work without running it. */
export function cancelledCommit(cell: Cell | undefined, envelope: Envelope, reason: string): Commit {
  const sends = errorReplies(envelope, { code: 'cancelled', name: 'CancelledError', message: reason, terminal: true })
  return {
    ...unchangedCommit(cell && envelope.timer !== undefined ? cellAfterMessage(cell, envelope) : cell, envelope),
    sends,
  }
}

/** The problem of messages that waited when their actor was stopped. */
export const STOPPED_BEFORE_TURN = terminalProblem({
  code: 'actor_stopped',
  message: 'the actor was stopped before it processed this message',
})

function takeMessage(
  actor: Actor,
  stored: Cell | undefined,
  envelope: Envelope,
  effects: Effects,
): Commit | Promise<Commit> {
  let cell: Cell
  try {
    cell = openCell(actor, stored, envelope)
  } catch (error) {
    if (!stored) return deadLetterCommit(undefined, envelope, problemOf(error))
    return actor.older
      ? takeWithOlder(actor, stored, envelope, effects, error)
      : quarantineCommit(stored, envelope, error)
  }
  return takeWith(actor, cell, stored !== undefined, envelope, effects)
}

/** Takes the message with an older state of the actor, if it kept one that can be read. */
async function takeWithOlder(
  actor: Actor,
  stored: Cell,
  envelope: Envelope,
  effects: Effects,
  damage: unknown,
): Promise<Commit> {
  let cell: Cell | undefined
  try {
    cell = await olderCell(actor, stored, envelope, effects)
  } catch (error) {
    if (isInterruption(error)) throw error
  }
  return cell ? takeWith(actor, cell, true, envelope, effects) : quarantineCommit(stored, envelope, damage)
}

function takeWith(
  actor: Actor,
  cell: Cell,
  existed: boolean,
  envelope: Envelope,
  effects: Effects,
): Commit | Promise<Commit> {
  try {
    const turn = decide(actor, cell, envelope, effects)
    if (isPromiseLike(turn)) return takeAsync(actor, cell, existed, envelope, turn)
    return buildCommit(actor, cell, envelope, turn)
  } catch (error) {
    return commitThrown(actor, cell, existed, envelope, error)
  }
}

const isPromiseLike = (turn: unknown): turn is PromiseLike<Turn> =>
  typeof (turn as { then?: unknown } | null | undefined)?.then === 'function'

function takeAsync(
  actor: Actor,
  cell: Cell,
  existed: boolean,
  envelope: Envelope,
  turn: PromiseLike<Turn>,
): Promise<Commit> {
  const fail = (error: unknown) => commitThrown(actor, cell, existed, envelope, error)
  return Promise.resolve(turn).then((decided) => {
    try {
      return buildCommit(actor, cell, envelope, decided)
    } catch (error) {
      return fail(error)
    }
  }, fail)
}

function commitThrown(actor: Actor, cell: Cell, existed: boolean, envelope: Envelope, error: unknown): Commit {
  if (isInterruption(error)) throw error
  if (isDamageError(error)) return quarantineCommit(cell, envelope, error)
  const fail = (directive: Directive) =>
    failureCommit(actor, cell, existed, envelope, redactProblem(problemOf(error), actor.redact), directive)
  try {
    return fail(directiveOf(error))
  } catch {
    // the actor's own `initial` or `parent` failed too
    return fail({ type: 'fail' })
  }
}

// messages that are handled without the actor

function shortcutCommit(cell: Cell | undefined, envelope: Envelope): Commit | undefined {
  if (isStale(cell, envelope) || isRepeated(cell, envelope)) return unchangedCommit(cell, envelope)
  if (isCancelled(cell, envelope)) return cancelledCommit(cell, envelope, 'its work was cancelled')
  if (cell?.status === 'failed' && !TAKEN_BY_FAILED.has(envelope.type))
    return deadLetterCommit(cell, envelope, actorFailed(cell))
  return undefined
}

function actorFailed({ problem }: Cell): Problem {
  const message = `the actor has failed and takes no messages until it is resumed or stopped: ${problem?.message}`
  return { code: 'actor_failed', name: 'TerminalError', message, terminal: true }
}

function isStale(cell: Cell | undefined, { timer, id, type }: Envelope): boolean {
  if (timer !== undefined) return cell?.timers[timer] !== id
  return !cell && (type === 'response' || type === 'error' || type === 'down')
}

/** A cancellation has no effect on an actor that does not exist, has failed, or already knows it. */
function isRepeated(cell: Cell | undefined, { type, correlationId }: Envelope): boolean {
  return type === 'cancel' && (!cell || cell.status === 'failed' || cell.cancelled.includes(correlationId))
}

const TAKEN_BY_FAILED: ReadonlySet<string> = new Set(['watch', 'stop', 'resume'])
// a message of the kernel itself: it belongs to no work, so that no cancellation drops it
const CONTROL_TYPES: ReadonlySet<string> = new Set(['cancel', 'watch', 'down', 'stop', 'resume'])

function isCancelled(cell: Cell | undefined, { correlationId, type }: Envelope): boolean {
  return !CONTROL_TYPES.has(type) && cell !== undefined && cell.cancelled.includes(correlationId)
}

// decisions of the actor

function decide(actor: Actor, cell: Cell, envelope: Envelope, effects: Effects): Turn | Promise<Turn> {
  const notice = noticeOf(envelope)
  if (notice) return decideNotice(actor, cell, notice, effects)
  const message: unknown = parseNow(actor.message, envelope.body, `${actor.kind} message`)
  return message instanceof Promise
    ? message.then((parsed) => actor.receive(cell.state, parsed, effects))
    : actor.receive(cell.state, message, effects)
}

function decideNotice(actor: Actor, cell: Cell, notice: Notice, effects: Effects): Turn | Promise<Turn> {
  if (actor.notice) return actor.notice(cell.state, notice, effects)
  return notice.type === 'cancelled' ? { stop: true } : {}
}

function noticeOf({ type, from, body }: Envelope): Notice | undefined {
  if (type === 'error') {
    const { undelivered, ...problem } = body as Problem & { readonly undelivered?: Json }
    return { type, from, problem, ...(undelivered !== undefined && { undelivered }) }
  }
  if (type === 'down') return { type, of: from!, reason: (body as { reason: 'gone' | 'stopped' | 'failed' }).reason }
  if (type === 'cancel') return { type: 'cancelled', reason: (body as { reason: string }).reason }
  return undefined
}

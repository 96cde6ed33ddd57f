import { InvalidError, type Problem, problemOf } from '../errors.ts'
import { checkActor } from './check.ts'
import { answerError, commitOf, failedTurn, giveUp, quarantine, takenCell, tellDown, unchanged } from './commit.ts'
import { freeze } from './freeze.ts'
import { isInterruption } from './interrupt.ts'
import { parse } from './schema.ts'
import { directiveOf } from './supervise.ts'
import type { Actor, ActorRef, Cell, Commit, Directive, Effects, Envelope, Notice, Turn } from './types.ts'

/** An actor as its author writes it, with its kind checked. */
export function defineActor<State, Message>(actor: Actor<State, Message>): Actor<State, Message> {
  checkActor(actor)
  return actor
}

/**
 * One message through one actor: all that changes, as data. Pure but for `effects`. Never rejects because of the
 * actor: an error becomes the commit its directive asks for. Rejects only when the engine interrupted the turn.
 */
export async function runTurn(
  actor: Actor,
  cell: Cell | undefined,
  envelope: Envelope,
  effects: Effects,
): Promise<Commit> {
  const refusal = refuse(cell, envelope)
  if (refusal) return refusal
  if (envelope.type === 'watch') return watched(cell, envelope)
  return takeMessage(actor, cell, envelope, effects)
}

/** The commit that takes a message without running it: it belongs to work that was called off. */
export function dropTurn(cell: Cell | undefined, envelope: Envelope, reason: string): Commit {
  const sends = answerError(envelope, { code: 'cancelled', name: 'CancelledError', message: reason, terminal: true })
  return { ...unchanged(cell && envelope.timer !== undefined ? takenCell(cell, envelope) : cell, envelope), sends }
}

async function takeMessage(
  actor: Actor,
  stored: Cell | undefined,
  envelope: Envelope,
  effects: Effects,
): Promise<Commit> {
  let cell: Cell
  try {
    cell = openCell(actor, stored, envelope)
  } catch (error) {
    if (stored) return quarantine(stored, envelope, problemOf(error))
    return { ...unchanged(undefined, envelope), sends: giveUp(envelope, problemOf(error)) }
  }
  try {
    return commitOf(actor, cell, envelope, await decide(actor, cell, envelope, effects))
  } catch (error) {
    if (isInterruption(error)) throw error
    return carryOut(actor, cell, stored !== undefined, envelope, error)
  }
}

function carryOut(actor: Actor, cell: Cell, existed: boolean, envelope: Envelope, error: unknown): Commit {
  const fail = (directive: Directive) => failedTurn(actor, cell, existed, envelope, problemOf(error), directive)
  try {
    return fail(directiveOf(error))
  } catch {
    // the actor's own `initial` or `parent` failed too
    return fail({ type: 'fail' })
  }
}

// what is taken without asking the actor

function refuse(cell: Cell | undefined, envelope: Envelope): Commit | undefined {
  if (isStale(cell, envelope) || isRepeated(cell, envelope)) return unchanged(cell, envelope)
  if (isCancelled(cell, envelope)) return dropTurn(cell, envelope, 'its work was cancelled')
  if (cell?.status === 'failed' && envelope.type !== 'watch') {
    return { ...unchanged(cell, envelope), sends: giveUp(envelope, FAILED) }
  }
  return undefined
}

const FAILED: Problem = {
  code: 'actor_failed',
  name: 'TerminalError',
  message: 'the actor has failed and takes no messages',
  terminal: true,
}

function isStale(cell: Cell | undefined, { timer, id, type }: Envelope): boolean {
  if (timer !== undefined) return cell?.timers[timer] !== id
  return !cell && (type === 'response' || type === 'error' || type === 'down')
}

/** A cancellation has nothing to say to an actor that is not there, has failed, or knows of it. */
function isRepeated(cell: Cell | undefined, { type, correlationId }: Envelope): boolean {
  return type === 'cancel' && (!cell || cell.status === 'failed' || cell.cancelled.includes(correlationId))
}

const CONTROL: ReadonlySet<string> = new Set(['cancel', 'watch', 'down'])

function isCancelled(cell: Cell | undefined, { correlationId, type }: Envelope): boolean {
  return !CONTROL.has(type) && cell !== undefined && cell.cancelled.includes(correlationId)
}

function watched(cell: Cell | undefined, envelope: Envelope): Commit {
  const watcher = envelope.from
  if (!watcher) return unchanged(cell, envelope)
  const reason = cell?.status === 'failed' ? 'failed' : 'gone'
  if (!cell || cell.status === 'failed')
    return { ...unchanged(cell, envelope), sends: tellDown(envelope, [watcher], reason, 0) }
  if (cell.watchers.some((other) => sameRef(other, watcher))) return unchanged(cell, envelope)
  return {
    ...unchanged(cell, envelope),
    cell: { ...cell, seq: cell.seq + 1, watchers: [...cell.watchers, watcher] },
  }
}

const sameRef = (a: ActorRef, b: ActorRef) => a.kind === b.kind && a.key === b.key

// what the actor decides

function openCell(actor: Actor, cell: Cell | undefined, envelope: Envelope): Cell {
  const version = actor.version ?? 1
  if (!cell) return { ...EMPTY, version, state: freeze(actor.initial(envelope.to.key)) }
  if (cell.version === version) return cell
  if (!actor.upgrade)
    throw new InvalidError(
      `${actor.kind}: stored as version ${cell.version}, this code is ${version} and has no upgrade`,
    )
  return { ...cell, version, state: freeze(actor.upgrade(cell.state, cell.version)) }
}

const EMPTY: Omit<Cell, 'version' | 'state'> = {
  status: 'live',
  seq: 0,
  events: 0,
  watchers: [],
  cancelled: [],
  timers: {},
  index: null,
}

async function decide(actor: Actor, cell: Cell, envelope: Envelope, effects: Effects): Promise<Turn> {
  const notice = noticeOf(envelope)
  if (!notice)
    return actor.receive(cell.state, await parse(actor.message, envelope.body, `${actor.kind} message`), effects)
  if (actor.notice) return actor.notice(cell.state, notice, effects)
  return notice.type === 'cancelled' ? { stop: true } : {}
}

function noticeOf({ type, from, body }: Envelope): Notice | undefined {
  if (type === 'error') return { type, from, problem: body as Problem }
  if (type === 'down') return { type, of: from!, reason: (body as { reason: 'gone' | 'stopped' | 'failed' }).reason }
  if (type === 'cancel') return { type: 'cancelled', reason: (body as { reason: string }).reason }
  return undefined
}

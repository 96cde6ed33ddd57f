import { hash } from 'node:crypto'
import { type Problem, problemOf, terminalProblem } from '../errors.ts'
import { checkTurn, freezeState } from './check.ts'
import { sameRef } from './ref.ts'
import type { Actor, ActorRef, Cell, Commit, Directive, Envelope, OutgoingMessage, Send, Turn } from './types.ts'

/** The commit that takes a message and changes nothing. */
export function unchangedCommit(cell: Cell | undefined, envelope: Envelope): Commit {
  return { taken: envelope, cell: cell ?? null, parts: {}, sends: [], events: [] }
}

/** Derives an id: the same cause and part always give the same id. */
export function deriveId(cause: string, part: string | number): string {
  return hash('sha256', `${cause}\n${part}`, 'base64url').slice(0, 22)
}

/** Builds the commit of a decided turn. Throws when the turn breaks a limit. */
export function buildCommit(actor: Actor, before: Cell, envelope: Envelope, turn: Turn): Commit {
  checkTurn(actor.kind, turn)
  return {
    taken: envelope,
    cell: turn.stop ? cellAfterStop(before, envelope, turn) : nextCell(before, envelope, turn),
    parts: turn.parts ?? NO_PARTS,
    sends: turnMessages(actor, before, inOwnTrace(envelope, turn.index ?? before.index), turn),
    events: turn.events ?? NONE,
  }
}

/** The message with the trace of its actor, if the actor has one. */
function inOwnTrace(envelope: Envelope, index: Cell['index']): Envelope {
  const trace = index?.trace
  return typeof trace !== 'string' || trace === envelope.trace ? envelope : { ...envelope, trace }
}

const NO_PARTS: Commit['parts'] = {}
const NONE: readonly never[] = []

function nextCell(before: Cell, envelope: Envelope, turn: Turn): Cell {
  const { type, correlationId, timer } = envelope
  const timers = timer === undefined ? before.timers : without(before.timers, timer)
  return {
    ...(turn.escalate ? failedCell(before, turn.escalate) : before),
    seq: before.seq + 1,
    events: before.events + (turn.events?.length ?? 0),
    state: turn.state === undefined ? before.state : turn.state,
    cancelled: type === 'cancel' ? rememberCancellation(before.cancelled, correlationId) : before.cancelled,
    timers: nextTimers(timers, envelope, turn),
    index: turn.index ?? before.index,
  }
}

/** The cell of an actor that stops: deleted, unless the stop asked to keep its state. */
function cellAfterStop(before: Cell, envelope: Envelope, turn: Turn): Cell | null {
  return before.halting ? haltedCell(nextCell(before, envelope, turn)) : null
}

/** The cell of an actor that was stopped and keeps its state. */
export function haltedCell({ halting: _, ...cell }: Cell): Cell {
  return { ...cell, status: cell.status === 'quarantined' ? cell.status : 'halted', watchers: [] }
}

/** The cell after a message, independent of the decision: a cancellation is remembered, a fired timer is forgotten. */
export const cellAfterMessage = (before: Cell, envelope: Envelope): Cell => nextCell(before, envelope, EMPTY_TURN)

const EMPTY_TURN: Turn = {}

const MAX_REMEMBERED_CANCELLATIONS = 64
const rememberCancellation = (list: readonly string[], id: string) =>
  list.includes(id) ? list : [...list.slice(1 - MAX_REMEMBERED_CANCELLATIONS), id]

function without(timers: Cell['timers'], name: string): Cell['timers'] {
  const { [name]: _, ...rest } = timers
  return rest
}

function nextTimers(before: Cell['timers'], envelope: Envelope, turn: Turn): Cell['timers'] {
  if (!turn.timers) return before
  const timers = { ...before }
  for (const [name, timer] of Object.entries(turn.timers)) {
    if (timer) timers[name] = timerToken(envelope, name)
    else delete timers[name]
  }
  return timers
}

const timerToken = (envelope: Envelope, name: string) => deriveId(envelope.id, `timer:${name}`)

function turnMessages(actor: Actor, before: Cell, envelope: Envelope, turn: Turn): readonly OutgoingMessage[] {
  const sends = turn.send
    ? turn.send.map((send, index) => outgoingMessage(envelope, send, index))
    : replyOf(envelope, turn, 0)
  if (turn.send) sends.push(...replyOf(envelope, turn, sends.length))
  if (turn.refuse) sends.push(...errorReplies(envelope, turn.refuse, sends.length))
  for (const of of turn.watch ?? NONE)
    sends.push({ ...outgoingMessage(envelope, { to: of, body: null }, sends.length), type: 'watch' })
  for (const { of, correlationId = envelope.correlationId, reason = 'cancelled by its parent' } of turn.cancel ??
    NONE) {
    sends.push({
      ...outgoingMessage(envelope, { to: of, body: { reason }, correlationId }, sends.length),
      type: 'cancel',
    })
  }
  if (turn.stop) sends.push(...stopMessages(envelope, before.watchers, sends))
  else if (turn.escalate) sends.push(...failureNotices(actor, before, envelope, turn.escalate, sends.length))
  return turn.timers && (!turn.stop || before.halting) ? sends.concat(timerMessages(envelope, turn.timers)) : sends
}

/** The messages when an actor stops: `down` to its watchers, and an error to a caller that would never get a reply. */
function stopMessages(
  envelope: Envelope,
  watchers: readonly ActorRef[],
  sent: readonly OutgoingMessage[],
): OutgoingMessage[] {
  const notices = downNotices(envelope, watchers, 'stopped', sent.length)
  const { type, replyTo: asker } = envelope
  const isOwed =
    type === 'request' && asker && !sent.some(({ to, replyTo }) => sameRef(to, asker) || sameRef(replyTo, asker))
  return isOwed ? [...notices, ...errorReplies(envelope, STOPPED_WITHOUT_REPLY, sent.length + notices.length)] : notices
}

const STOPPED_WITHOUT_REPLY = terminalProblem({ code: 'actor_stopped', message: 'the actor stopped without an answer' })

function replyOf(envelope: Envelope, { reply }: Turn, index: number): OutgoingMessage[] {
  if (reply === undefined || !envelope.replyTo) return []
  return [outgoingMessage(envelope, { to: envelope.replyTo, body: reply, type: 'response' }, index)]
}

function timerMessages(envelope: Envelope, timers: NonNullable<Turn['timers']>): OutgoingMessage[] {
  return Object.entries(timers).flatMap(([name, timer]) =>
    timer
      ? [
          {
            ...outgoingMessage(envelope, { to: envelope.to, body: timer.body, type: 'event' }, 0),
            id: timerToken(envelope, name),
            timer: name,
            delay: timer.delay,
          },
        ]
      : [],
  )
}

// nothing follows from a reply that leaves the engine
const replyId = (cause: string, index: number) => `${cause}.${index}`

/** Creates an outgoing message. Its id is derived from its cause. */
function outgoingMessage(cause: Envelope, send: Send, index: number): OutgoingMessage {
  const made: { -readonly [field in keyof OutgoingMessage]: OutgoingMessage[field] } = {
    v: 1,
    id: send.to.kind === 'reply' ? replyId(cause.id, index) : deriveId(cause.id, index),
    type: send.type ?? 'request',
    from: cause.to,
    to: send.to,
    correlationId: send.correlationId ?? cause.correlationId,
    cause: cause.id,
    body: send.body,
  }
  if (send.replyTo) made.replyTo = send.replyTo
  if (cause.trace !== undefined) made.trace = cause.trace
  return made
}

export function downNotices(
  envelope: Envelope,
  watchers: readonly ActorRef[],
  reason: string,
  from: number,
): OutgoingMessage[] {
  return watchers.map((to, index) => ({
    ...outgoingMessage(envelope, { to, body: { reason } }, from + index),
    type: 'down' as const,
  }))
}

/** An error to the caller, if the message has one. */
export function errorReplies(envelope: Envelope, problem: Problem, index = 0): OutgoingMessage[] {
  return envelope.replyTo
    ? [outgoingMessage(envelope, { to: envelope.replyTo, body: problem, type: 'error' }, index)]
    : []
}

/** Builds the commit of a failed turn as its directive says. The message becomes a dead letter. */
export function failureCommit(
  actor: Actor,
  cell: Cell,
  existed: boolean,
  envelope: Envelope,
  problem: Problem,
  directive: Directive,
): Commit {
  const sends = deadLetterMessages(envelope, problem)
  const commit = { taken: envelope, parts: {}, events: [], sends }
  const taken = cellAfterMessage(cell, envelope)
  switch (directive.type) {
    case 'retry':
    case 'fail':
      return {
        ...commit,
        cell: existed ? taken : null,
        sends: envelope.type === 'response' ? sends.concat(untakenNotice(envelope, problem, sends.length)) : sends,
      }
    case 'reset':
      return {
        ...commit,
        cell: { ...taken, state: freezeState(actor.kind, actor.initial(envelope.to.key)), timers: {} },
      }
    case 'stop':
      return {
        ...commit,
        cell: cell.halting ? haltedCell(taken) : null,
        sends: [...sends, ...downNotices(envelope, cell.watchers, 'stopped', sends.length)],
      }
    case 'escalate':
      return {
        ...commit,
        cell: failedCell(taken, problem),
        sends: [...sends, ...failureNotices(actor, cell, envelope, problem, sends.length)],
      }
  }
}

/** The error that replaces a message which could not be taken: the actor gets it as if its sender had failed. */
export function untakenNotice(envelope: Envelope, problem: Problem, index: number): OutgoingMessage[] {
  const { from, to } = envelope
  return from ? [{ ...outgoingMessage(envelope, { to, body: problem, type: 'error' }, index), from }] : []
}

// watchers have their notice, which ends the watch
const failedCell = (cell: Cell, problem: Problem): Cell => ({ ...cell, status: 'failed', problem, watchers: [] })

function failureNotices(
  actor: Actor,
  cell: Cell,
  envelope: Envelope,
  problem: Problem,
  from: number,
): readonly OutgoingMessage[] {
  const parent = actor.parent?.(envelope.to.key)
  const escalation = parent ? [outgoingMessage(envelope, { to: parent, body: problem, type: 'error' }, from)] : []
  return [...escalation, ...downNotices(envelope, cell.watchers, 'failed', from + escalation.length)]
}

/** Quarantines a cell that this code cannot read: keeps its state, dead-letters the message, notifies watchers once. */
export function quarantineCommit(cell: Cell, envelope: Envelope, error: unknown): Commit {
  const problem: Problem = { ...problemOf(error), code: 'unreadable', terminal: true }
  const sends = envelope.type === 'cancel' ? [] : deadLetterMessages(envelope, problem)
  const notices = downNotices(envelope, cell.watchers, 'failed', sends.length)
  const quarantined: Cell = { ...cellAfterMessage(cell, envelope), status: 'quarantined', problem, watchers: [] }
  // an unparsable cell stays as stored
  const after = cell.version === UNREADABLE_VERSION ? cell : quarantined
  return { taken: envelope, cell: after, parts: {}, events: [], sends: [...sends, ...notices] }
}

/** The version of a cell that cannot be read at all. */
export const UNREADABLE_VERSION = 0

/** The messages that a permanent failure sends: the dead letter, and an error to the caller. */
export function deadLetterMessages(envelope: Envelope, problem: Problem): OutgoingMessage[] {
  // a retried copy is an ordinary message: its due time has passed, and the token of its timer is used up
  const { timer: _, due: __, ...letter } = envelope
  const body = { letter, problem }
  const deadLetter = outgoingMessage(envelope, { to: { kind: 'deadletter', key: envelope.id }, body, type: 'event' }, 0)
  return [deadLetter, ...errorReplies(envelope, problem, 1)]
}

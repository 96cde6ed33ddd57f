import { hash } from 'node:crypto'
import { type Problem, problemOf } from '../errors.ts'
import { checkTurn, fixState } from './check.ts'
import { sameRef } from './ref.ts'
import type { Actor, ActorRef, Cell, Commit, Directive, Envelope, Posted, Send, Turn } from './types.ts'

/** Takes a message and changes nothing. */
export function unchanged(cell: Cell | undefined, envelope: Envelope): Commit {
  return { taken: envelope, cell: cell ?? null, parts: {}, sends: [], events: [] }
}

/** An id that the same cause and part always get. */
export function childId(cause: string, part: string | number): string {
  return hash('sha256', `${cause}\n${part}`, 'base64url').slice(0, 22)
}

// what a decision comes to

/** What a decision comes to. Throws when it breaks a limit. */
export function commitOf(actor: Actor, before: Cell, envelope: Envelope, turn: Turn): Commit {
  checkTurn(actor.kind, turn)
  return {
    taken: envelope,
    cell: turn.stop ? lastCell(before, envelope, turn) : nextCell(before, envelope, turn),
    parts: turn.parts ?? NO_PARTS,
    sends: sendsOf(actor, before, inOwnTrace(envelope, turn.index ?? before.index), turn),
    events: turn.events ?? NONE,
  }
}

/** The message as if it had come in the trace that its actor belongs to, if that names one. */
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
    cancelled: type === 'cancel' ? remember(before.cancelled, correlationId) : before.cancelled,
    timers: nextTimers(timers, envelope, turn),
    index: turn.index ?? before.index,
  }
}

/** The cell of an actor that stops: gone, unless it was asked to keep its state. */
function lastCell(before: Cell, envelope: Envelope, turn: Turn): Cell | null {
  return before.halting ? haltedCell(nextCell(before, envelope, turn)) : null
}

/** The cell of an actor that was stopped and keeps its state. */
export function haltedCell({ halting: _, ...cell }: Cell): Cell {
  return { ...cell, status: cell.status === 'quarantined' ? cell.status : 'halted', watchers: [] }
}

/** The cell after a message, whatever comes of it: a cancellation is remembered, a timer that fired is forgotten. */
export const takenCell = (before: Cell, envelope: Envelope): Cell => nextCell(before, envelope, UNDECIDED)

const UNDECIDED: Turn = {}

const REMEMBERED = 64
const remember = (list: readonly string[], id: string) =>
  list.includes(id) ? list : [...list.slice(1 - REMEMBERED), id]

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

const timerToken = (envelope: Envelope, name: string) => childId(envelope.id, `timer:${name}`)

function sendsOf(actor: Actor, before: Cell, envelope: Envelope, turn: Turn): readonly Posted[] {
  const sends = turn.send ? turn.send.map((send, index) => posted(envelope, send, index)) : replyOf(envelope, turn, 0)
  if (turn.send) sends.push(...replyOf(envelope, turn, sends.length))
  if (turn.refuse) sends.push(...answerError(envelope, turn.refuse, sends.length))
  for (const of of turn.watch ?? NONE)
    sends.push({ ...posted(envelope, { to: of, body: null }, sends.length), type: 'watch' })
  for (const { of, correlationId = envelope.correlationId, reason = 'cancelled by its parent' } of turn.cancel ??
    NONE) {
    sends.push({ ...posted(envelope, { to: of, body: { reason }, correlationId }, sends.length), type: 'cancel' })
  }
  if (turn.stop) sends.push(...lastSends(envelope, before.watchers, sends))
  else if (turn.escalate) sends.push(...tellFailed(actor, before, envelope, turn.escalate, sends.length))
  return turn.timers && (!turn.stop || before.halting) ? sends.concat(timerSends(envelope, turn.timers)) : sends
}

/** What an actor's watchers are told when it stops; and who asked, where nobody is left who could answer. */
function lastSends(envelope: Envelope, watchers: readonly ActorRef[], sent: readonly Posted[]): Posted[] {
  const told = tellDown(envelope, watchers, 'stopped', sent.length)
  const { type, replyTo: asker } = envelope
  const isOwed =
    type === 'request' && asker && !sent.some(({ to, replyTo }) => sameRef(to, asker) || sameRef(replyTo, asker))
  return isOwed ? [...told, ...answerError(envelope, SILENT, sent.length + told.length)] : told
}

const SILENT: Problem = {
  code: 'actor_stopped',
  name: 'TerminalError',
  message: 'the actor stopped without an answer',
  terminal: true,
}

function replyOf(envelope: Envelope, { reply }: Turn, index: number): Posted[] {
  if (reply === undefined || !envelope.replyTo) return []
  return [posted(envelope, { to: envelope.replyTo, body: reply, type: 'response' }, index)]
}

function timerSends(envelope: Envelope, timers: NonNullable<Turn['timers']>): Posted[] {
  return Object.entries(timers).flatMap(([name, timer]) =>
    timer
      ? [
          {
            ...posted(envelope, { to: envelope.to, body: timer.body, type: 'event' }, 0),
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

/** A decided message; its id follows from its cause. */
export function posted(cause: Envelope, send: Send, index: number): Posted {
  const made: { -readonly [field in keyof Posted]: Posted[field] } = {
    v: 1,
    id: send.to.kind === 'reply' ? replyId(cause.id, index) : childId(cause.id, index),
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

/** Tells watchers that an actor is no longer there. */
export function tellDown(envelope: Envelope, watchers: readonly ActorRef[], reason: string, from: number): Posted[] {
  return watchers.map((to, index) => ({
    ...posted(envelope, { to, body: { reason } }, from + index),
    type: 'down' as const,
  }))
}

/** An error to whoever asked, if anybody did. */
export function answerError(envelope: Envelope, problem: Problem, index = 0): Posted[] {
  return envelope.replyTo ? [posted(envelope, { to: envelope.replyTo, body: problem, type: 'error' }, index)] : []
}

// what a failure comes to

/** What a failure comes to, as its directive says; the message is kept as a dead letter. */
export function failedTurn(
  actor: Actor,
  cell: Cell,
  existed: boolean,
  envelope: Envelope,
  problem: Problem,
  directive: Directive,
): Commit {
  const sends = giveUp(envelope, problem)
  const commit = { taken: envelope, parts: {}, events: [], sends }
  const taken = takenCell(cell, envelope)
  switch (directive.type) {
    case 'retry':
    case 'fail':
      return {
        ...commit,
        cell: existed ? taken : null,
        sends: [...sends, ...answerFailed(envelope, problem, sends.length)],
      }
    case 'reset':
      return { ...commit, cell: { ...taken, state: fixState(actor.kind, actor.initial(envelope.to.key)), timers: {} } }
    case 'stop':
      return {
        ...commit,
        cell: cell.halting ? haltedCell(taken) : null,
        sends: [...sends, ...tellDown(envelope, cell.watchers, 'stopped', sends.length)],
      }
    case 'escalate':
      return {
        ...commit,
        cell: failedCell(taken, problem),
        sends: [...sends, ...tellFailed(actor, cell, envelope, problem, sends.length)],
      }
  }
}

/** An answer that could not be taken: the actor that waits for it hears, as if its sender had answered with an error. */
function answerFailed(envelope: Envelope, problem: Problem, index: number): readonly Posted[] {
  if (envelope.type !== 'response' || !envelope.from) return []
  return [{ ...posted(envelope, { to: envelope.to, body: problem, type: 'error' }, index), from: envelope.from }]
}

// who watched has been told, and its watch is over
function failedCell(cell: Cell, problem: Problem): Cell {
  return { ...cell, status: 'failed', problem, watchers: [] }
}

function tellFailed(actor: Actor, cell: Cell, envelope: Envelope, problem: Problem, from: number): readonly Posted[] {
  const parent = actor.parent?.(envelope.to.key)
  const told = parent ? [posted(envelope, { to: parent, body: problem, type: 'error' }, from)] : []
  return [...told, ...tellDown(envelope, cell.watchers, 'failed', from + told.length)]
}

/** A cell that this code cannot read: its state is kept as it is, its message a dead letter, its watchers told once. */
export function quarantine(cell: Cell, envelope: Envelope, error: unknown): Commit {
  const problem: Problem = { ...problemOf(error), code: 'unreadable', terminal: true }
  const sends = envelope.type === 'cancel' ? [] : giveUp(envelope, problem)
  const told = tellDown(envelope, cell.watchers, 'failed', sends.length)
  const kept: Cell = { ...takenCell(cell, envelope), status: 'quarantined', problem, watchers: [] }
  // of a cell that is no JSON nothing is known: what is stored stays as it is
  const after = cell.version === UNREADABLE ? cell : kept
  return { taken: envelope, cell: after, parts: {}, events: [], sends: [...sends, ...told] }
}

/** The version of a cell of which not even that can be read. */
export const UNREADABLE = 0

/** The commit that takes a message which cannot be run: it is kept as a dead letter, and its asker told. */
export function giveUpTurn(cell: Cell | undefined, envelope: Envelope, problem: Problem): Commit {
  const after = cell && envelope.timer !== undefined ? takenCell(cell, envelope) : cell
  return { ...unchanged(after, envelope), sends: giveUp(envelope, problem) }
}

/** A message that failed for good: kept as a dead letter, and its asker told. */
export function giveUp(envelope: Envelope, problem: Problem): Posted[] {
  // retried it would be a message like any other: its time has come, and its timer's token is spent
  const { timer: _, due: __, ...letter } = envelope
  const body = { letter, problem }
  const kept = posted(envelope, { to: { kind: 'deadletter', key: envelope.id }, body, type: 'event' }, 0)
  return [kept, ...answerError(envelope, problem, 1)]
}

/** What comes of a message to a kind that nobody knows: who asks or watches is told, a request or event is a dead letter. */
export function undeliverable(envelope: Envelope): Posted[] {
  const { type, from, to } = envelope
  if (type === 'watch' && from) return tellDown(envelope, [from], 'gone', 0)
  if (type !== 'request' && type !== 'event') return []
  const message = `no actor of kind ${to.kind}`
  return giveUp(envelope, { code: 'not_found', name: 'NotFoundError', message, terminal: true })
}

/**
 * Runs that begin later: at a time, or when the queue of their key has room. These turns stand before those of a run,
 * whatever its language. They keep the first message until the run begins, and free the slot when the run ends.
 */

import type { Json } from '../../kernel/json.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { Effects, Notice, Turn } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import { workTrace } from '../../observe/work-trace.ts'
import { messageTime } from '../messages.ts'
import { isFinished, NEW_HEAD, type RunHead } from '../run.ts'
import { type LaterMessage, queueRef, START_NOW, type StartLater } from './messages.ts'
import { beginNow, cancelledBy, endBefore, RUN_EXISTS, takeEarly, untilBegin } from './pending.ts'
import { type KeptStart, LATER_PART, type LaterRun, type LaterState, leaveQueue, queueIn } from './state.ts'

type Message = LaterMessage | { readonly type: string }
type LaterTurn = Turn<LaterRun> | Promise<Turn<LaterRun>>

/** The turns of a run that begins, or has begun. */
export type RunTurns = {
  receive(state: RunHead, message: { readonly type: string }, effects: Effects): LaterTurn
  notice(state: RunHead, notice: Notice, effects: Effects): LaterTurn
}

/** The turn of a run, which may begin later, for a message. */
export function receiveLater(turns: RunTurns, state: LaterRun, message: Message, effects: Effects): LaterTurn {
  if (message.type === 'start-later') return arrive(turns, state, message as StartLater, effects)
  const { later } = state
  if (message.type === START_NOW.type) return isPending(later) ? beginNow(state, later, effects) : {}
  if (!later || later.phase === 'never') return turns.receive(state, message, effects)
  if (later.phase === 'begun') return withSlot(state, later, turns.receive(unmarked(state), message, effects), effects)
  if (later.phase === 'starting' && later.type === message.type && isOwnMail(effects))
    return withoutKept(begin(turns, state, later, message, effects))
  return takeEarly(state, message, effects)
}

/** The turn of a run, which may begin later, for a notice. */
export function noticeLater(turns: RunTurns, state: LaterRun, notice: Notice, effects: Effects): LaterTurn {
  const { later } = state
  if (!later || later.phase === 'never') return turns.notice(state, notice, effects)
  if (later.phase === 'begun') return withSlot(state, later, turns.notice(unmarked(state), notice, effects), effects)
  if (notice.type === 'cancelled') return endBefore(state, cancelledBy(notice.reason), effects)
  return notice.type === 'stop' ? { stop: true, send: leaveQueue(queueIn(later), effects.self) } : {}
}

/** The first message: it begins the run at once if the queue has admitted it. Otherwise the run keeps it. */
function arrive(turns: RunTurns, state: LaterRun, given: StartLater, effects: Effects): LaterTurn {
  const { start, name, owner, at, queue, admitted, debouncedUntil } = given
  const queued = queue && { queue: nameOf(queueRef(owner, queue.key)) }
  if (state.status !== 'new') return { refuse: RUN_EXISTS, send: freed(state, queued, effects) }
  const startedAt = messageTime(effects.message)
  const run: LaterRun = {
    ...NEW_HEAD,
    status: 'running',
    name,
    startedAt,
    ...(owner !== undefined && { owner }),
  }
  if (admitted || (at === undefined && !queued))
    return begin(turns, run, { phase: 'starting', type: start.type, ...queued }, start, effects)
  const trace = workTrace(effects.message.trace, effects.self.key)
  const stored: KeptStart = { start, ...(queue && { queue }), ...(trace !== undefined && { trace }) }
  const later: LaterState = at === undefined ? { phase: 'queued', ...queued! } : { phase: 'timed', at, ...queued }
  const event = { type: 'start-wait', ...present({ until: at, queue: queue?.key, debouncedUntil }) }
  return {
    ...untilBegin({ ...run, later }, stored, startedAt),
    parts: { [LATER_PART]: stored as Json },
    events: [event],
  }
}

/** Two owners may start runs of one id at once: the queue of the second one gets its place back. */
function freed({ later }: LaterRun, queued: { readonly queue: string } | undefined, { self }: Effects) {
  return queueIn(later) === queued?.queue ? [] : leaveQueue(queued?.queue, self)
}

function begin(
  turns: RunTurns,
  state: LaterRun,
  later: LaterState,
  start: { readonly type: string },
  effects: Effects,
): LaterTurn {
  return withSlot(state, later, turns.receive(NEW_HEAD, start, effects), effects)
}

/** The run has begun: its language has the first message. One that was refused keeps it. */
function withoutKept(turn: LaterTurn): LaterTurn {
  if (turn instanceof Promise) return turn.then(withoutKept)
  return turn.state?.later?.phase === 'never' ? turn : { ...turn, parts: { ...turn.parts, [LATER_PART]: null } }
}

/** A turn of a run that has begun. It holds its slot until it ends. */
function withSlot(state: LaterRun, later: LaterState, turn: LaterTurn, effects: Effects): LaterTurn {
  if (turn instanceof Promise) return turn.then((decided) => withSlot(state, later, decided, effects))
  // without it, nothing would tell that the run never began
  if (later.phase === 'starting' && turn.refuse) return endBefore({ ...state, later }, turn.refuse, effects)
  const queue = queueIn(later)
  if (queue === undefined) return turn
  const next = turn.state
  if (turn.stop === true || (next && isFinished(next)))
    return { ...turn, send: [...(turn.send ?? []), ...leaveQueue(queue, effects.self)] }
  return next ? { ...turn, state: { ...next, later: { phase: 'begun', queue } } } : turn
}

/** The state as its language knows it. */
const unmarked = ({ later: _, ...state }: LaterRun): LaterRun => state

const isPending = (later: LaterState | undefined): later is Extract<LaterState, { phase: 'timed' | 'queued' }> =>
  later?.phase === 'timed' || later?.phase === 'queued'
const isOwnMail = ({ message: { from }, self }: Effects) => from?.kind === self.kind && from.key === self.key

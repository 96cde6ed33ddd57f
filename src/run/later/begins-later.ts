/**
 * Runs that begin later: at a time, or when the queue of their key has room. This wrapper stands before the actor of a
 * run, whatever executes it. It keeps the first message until the run begins, and frees the slot when the run ends.
 */

import { z } from 'zod'
import { nameOf } from '../../kernel/ref.ts'
import type { Json, Schema } from '../../kernel/schema.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, Effects, Envelope, Notice, Turn } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import { workTrace } from '../../observe/traceparent.ts'
import { isFinished } from '../run.ts'
import {
  type LaterMessage,
  queueRef,
  START_NOW,
  type StartLater,
  startLaterSchema,
  startNowSchema,
} from './messages.ts'
import { beginNow, cancelledBy, endBefore, RUN_EXISTS, takeEarly, untilBegin } from './pending.ts'
import { type KeptStart, LATER_PART, type LaterRun, type LaterState, leaveQueue, queueIn } from './state.ts'

type Message = LaterMessage | { readonly type: string }
type LaterTurn = Turn<LaterRun> | Promise<Turn<LaterRun>>

/** The actor of a run, which may begin later. */
export function beginsLater(inner: Actor): Actor {
  return defineActor<LaterRun, Message>({
    ...inner,
    message: laterOr(inner.message) as Schema<Message>,
    receive(state, message, effects) {
      if (message.type === 'start-later') return arrive(inner, state, message as StartLater, effects)
      const { later } = state
      if (message.type === START_NOW.type) return isPending(later) ? beginNow(state, later, effects) : {}
      if (!later || later.phase === 'never') return inner.receive(state, message, effects)
      if (later.phase === 'begun')
        return withSlot(state, later, inner.receive(unmarked(state), message, effects), effects)
      if (later.phase === 'starting' && later.type === message.type && isOwnMail(effects))
        return withoutKept(begin(inner, state, later, message as Json, effects))
      return takeEarly(state, message, effects)
    },
    notice(state, notice, effects) {
      const { later } = state
      const taken = (of: LaterRun) => inner.notice?.(of, notice, effects) ?? byDefault(notice)
      if (!later || later.phase === 'never') return taken(state)
      if (later.phase === 'begun') return withSlot(state, later, taken(unmarked(state)), effects)
      if (notice.type === 'cancelled') return endBefore(state, cancelledBy(notice.reason), effects)
      return notice.type === 'stop' ? { stop: true, send: leaveQueue(queueIn(later), effects.self) } : {}
    },
  })
}

/** The first message: it begins the run at once if the queue has admitted it. Otherwise the run keeps it. */
function arrive(inner: Actor, state: LaterRun, given: StartLater, effects: Effects): LaterTurn {
  const { start, name, owner, at, queue, admitted, debouncedUntil } = given
  const queued = queue && { queue: nameOf(queueRef(owner, queue.key)) }
  if (state.status !== 'new') return { refuse: RUN_EXISTS, send: freed(state, queued, effects) }
  const startedAt = messageTime(effects.message)
  const run: LaterRun = {
    ...inner.initial(effects.self.key),
    status: 'running',
    name,
    startedAt,
    ...(owner !== undefined && { owner }),
  }
  if (admitted || (at === undefined && !queued))
    return begin(inner, run, { phase: 'starting', type: start.type, ...queued }, start, effects)
  const trace = workTrace(effects.message.trace, effects.self.key)
  const stored: KeptStart = { start, ...(queue && { queue }), ...(trace !== undefined && { trace }) }
  const later: LaterState = at === undefined ? { phase: 'queued', ...queued! } : { phase: 'timed', at, ...queued }
  const event = { type: 'start-wait', ...present({ until: at, queue: queue?.key, debouncedUntil }) }
  return {
    ...untilBegin({ ...run, later }, stored, startedAt),
    parts: { [LATER_PART]: stored as unknown as Json },
    events: [event],
  }
}

/** Two owners may start runs of one id at once: the queue of the second one gets its place back. */
function freed({ later }: LaterRun, queued: { readonly queue: string } | undefined, { self }: Effects) {
  return queueIn(later) === queued?.queue ? [] : leaveQueue(queued?.queue, self)
}

function begin(inner: Actor, state: LaterRun, later: LaterState, start: Json, effects: Effects): LaterTurn {
  return withSlot(state, later, inner.receive(inner.initial(effects.self.key), start, effects), effects)
}

/** The run has begun: its executor has the first message. One that was refused keeps it. */
function withoutKept(turn: LaterTurn): LaterTurn {
  if (turn instanceof Promise) return turn.then(withoutKept)
  return turn.state?.later?.phase === 'never' ? turn : { ...turn, parts: { ...turn.parts, [LATER_PART]: null } }
}

/** A turn of the executor. The run holds its slot until it ends. */
function withSlot(state: LaterRun, later: LaterState, turn: Turn | Promise<Turn>, effects: Effects): LaterTurn {
  if (turn instanceof Promise) return turn.then((decided) => withSlot(state, later, decided, effects))
  // without it, nothing would tell that the run never began
  if (later.phase === 'starting' && turn.refuse) return endBefore({ ...state, later }, turn.refuse, effects)
  const queue = queueIn(later)
  const own = turn as Turn<LaterRun>
  if (queue === undefined) return own
  const next = own.state
  if (turn.stop === true || (next && isFinished(next)))
    return { ...own, send: [...(own.send ?? []), ...leaveQueue(queue, effects.self)] }
  return next ? { ...own, state: { ...next, later: { phase: 'begun', queue } } } : own
}

/** The state as the executor knows it. */
const unmarked = ({ later: _, ...state }: LaterRun): LaterRun => state

const isPending = (later: LaterState | undefined): later is Extract<LaterState, { phase: 'timed' | 'queued' }> =>
  later?.phase === 'timed' || later?.phase === 'queued'
const isOwnMail = ({ message: { from }, self }: Effects) => from?.kind === self.kind && from.key === self.key
const byDefault = ({ type }: Notice): Turn => (type === 'cancelled' || type === 'stop' ? { stop: true } : {})
const messageTime = ({ createdAt, due = 0 }: Envelope) => Math.max(createdAt, due)

/** The messages of this wrapper, and those of the executor. */
function laterOr(inner: Schema<unknown>): Schema<unknown> {
  const isOwn = (body: unknown) => OWN_TYPES.has((body as { readonly type?: unknown } | null)?.type)
  const validate = (body: unknown) => (isOwn(body) ? OWN : inner)['~standard'].validate(body)
  return { '~standard': { version: 1, vendor: 'antiphon', validate } }
}

const OWN_TYPES: ReadonlySet<unknown> = new Set(['start-later', START_NOW.type])
const OWN = z.union([startLaterSchema, startNowSchema])

import { setImmediate as nextTurn } from 'node:timers/promises'
import { createAutoResetEvent, type DeltasLost } from '../../../engine/bus.ts'
import { createQueue, firstOf, lengthOf, push, type Queue, shift } from '../../../engine/queue.ts'
import type { Json } from '../../../kernel/json.ts'
import { numberOfGoal } from '../../../thread/protocol/ask-state.ts'
import type { ConversationDelta } from '../../protocol/live.ts'
import type { ConversationEvent } from './port.ts'

/** A durable event as it is read. `isKnown`: the reader has it, and it only says where the stream is. */
export type ReadEvent = { readonly event: ConversationEvent; readonly isKnown: boolean }

/**
 * Puts the volatile events of a conversation between its durable ones, in the order in which they happened: text of a
 * round comes after the events of the round before, and before its own. Text that arrives later is left out. The
 * durable events are all there, in their order.
 */
export async function* withLive(
  durable: AsyncIterable<ReadEvent>,
  deltas: AsyncIterable<Json>,
  after: string,
): AsyncGenerator<ConversationEvent> {
  const arrival = createAutoResetEvent()
  const pending = createPending()
  const iterator = durable[Symbol.asyncIterator]()
  let read: IteratorResult<ReadEvent> | undefined
  let fault: { readonly error: unknown } | undefined
  let cursor = after
  let place: Place = { message: 0, round: 0, read: 0 }

  const fail = (error: unknown) => {
    fault = { error }
    arrival.set()
  }
  function advance(): void {
    read = undefined
    iterator.next().then((result) => {
      read = result
      arrival.set()
    }, fail)
  }
  async function collect(): Promise<void> {
    for await (const delta of deltas) {
      pending.add(delta as Delta)
      arrival.set()
    }
  }

  collect().catch(fail)
  advance()
  for (;;) {
    // the text of a round was told before its event, but may still be on its way through the queue of this reader
    if (read && !read.done && endsRound(read.value.event)) await nextTurn()
    for (let delta = pending.take(place); delta; delta = pending.take(place)) yield liveEvent(cursor, delta)
    if (fault) throw fault.error
    if (!read) {
      await arrival.wait()
      continue
    }
    if (read.done) return
    const { event, isKnown } = read.value
    place = placeAfter(place, event)
    cursor = event.cursor
    if (!isKnown) yield event
    advance()
  }
}

type Delta = ConversationDelta | DeltasLost

/**
 * The message for which a goal works, the last round of the goal whose events were read (a half less while its calls
 * are made), and the last message that has joined it.
 */
type Place = { readonly message: number; readonly round: number; readonly read: number }

/** The results of these calls come between the round and the text of the next one. */
const endsWithCalls = ({ calls }: Extract<ConversationEvent['body'], { readonly type: 'round' }>) =>
  calls.some(({ step }) => step !== undefined)

const endsRound = ({ goal, body }: ConversationEvent) => goal !== undefined && body.type === 'round'

function placeAfter(place: Place, { goal, body }: ConversationEvent): Place {
  if (body.type === 'ask-goal') return { message: numberOfGoal(body.goal), round: 0, read: 0 }
  if (goal === undefined) return place
  if (body.type === 'goal-message') return { ...place, read: body.n }
  if (body.type === 'round') return { ...place, round: endsWithCalls(body) ? body.round - 0.5 : body.round }
  if (body.type === 'round-end') return { ...place, round: body.round }
  return body.type === 'goal-end' ? { ...place, round: Number.POSITIVE_INFINITY } : place
}

function liveEvent(cursor: string, delta: Delta): ConversationEvent {
  if (delta.type === 'deltas-lost') return { cursor, live: true, body: delta }
  const { goal, ...body } = delta
  return { cursor, goal, live: true, body }
}

/** Volatile events that a reader has not taken. */
interface Pending {
  add(delta: Delta): void
  /** The next one that belongs at this place. Those of earlier places are dropped. */
  take(place: Place): Delta | undefined
}

/** A reader that takes nothing for long loses the oldest events. */
const MAX_PENDING = 256
/** Text of a round is joined up to this many characters while nobody takes it. */
const MAX_JOINED = 64 * 1024

function createPending(): Pending {
  const queue = createQueue<Delta>()
  let lost = 0
  return {
    add(delta) {
      if (joins(queue, delta)) return
      push(queue, delta)
      if (lengthOf(queue) <= MAX_PENDING) return
      shift(queue)
      lost++
    },
    take(place) {
      for (let delta = firstOf(queue); delta; delta = firstOf(queue)) {
        const ahead = delta.type === 'deltas-lost' ? 0 : distanceFrom(place, delta)
        if (ahead > 0) return undefined
        if (ahead === 0 && lost > 0) return takeLost()
        shift(queue)
        if (ahead === 0) return delta
      }
      // they were older than the events that were just dropped
      lost = 0
      return undefined
    },
  }

  function takeLost(): DeltasLost {
    const count = lost
    lost = 0
    return { type: 'deltas-lost', count }
  }
}

/** Joins the text to the last one, if it goes on with that. */
function joins({ items, head }: Queue<Delta>, delta: Delta): boolean {
  const last = items.length > head ? items.at(-1) : undefined
  if (last?.type !== 'text-delta' || delta.type !== 'text-delta') return false
  const { goal, round, text, at } = last
  const goesOn = goal === delta.goal && round === delta.round && at + text.length === delta.at
  if (!goesOn || text.length > MAX_JOINED) return false
  items[items.length - 1] = { ...last, text: text + delta.text }
  return true
}

/** Below 0: it belongs to a round that has ended. Above 0: its round or its reply has not begun for this reader. */
function distanceFrom(
  { message, round: last, read }: Place,
  { goal, round, message: of = 0 }: ConversationDelta,
): number {
  return numberOfGoal(goal) - message || round - (last + 1) || Math.max(0, of - read)
}

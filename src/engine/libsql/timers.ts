import { nameOf } from '../../kernel/ref.ts'
import { pushTo, takeFirst } from '../../lib/collections/binary-heap.ts'
import { createGroups } from '../../lib/collections/groups.ts'
import type { Clock } from '../engine.ts'
import type { QueuedMessage } from './activation/activation.ts'

/** Mail that is not due yet: a heap by time, with an alarm for the first. The clock may be set forward and back. */
export interface Timers {
  add(message: QueuedMessage): void
  /** The sleeping messages of an actor, by its name, or all of them; unordered. */
  all(actor?: string): readonly QueuedMessage[]
  /** Removes and returns the messages of an actor that match. */
  take(actor: string, pick: (message: QueuedMessage) => boolean): readonly QueuedMessage[]
  clear(): void
}

/** A message and its wake-up time on the present clock: its due time, or earlier if the clock was set back. */
type SleepingMessage = { readonly message: QueuedMessage; readonly at: number }

/** The wall clock is read again after this time at the latest: it may have been set, or the machine was asleep. */
const MAX_ALARM_MS = 60_000
/** A smaller difference is not a clock jump. */
const MIN_CLOCK_JUMP_MS = 1_000

export function createTimers(clock: Clock, fire: (message: QueuedMessage) => void): Timers {
  const read = () => clock.now() - clock.elapsed()
  let byActor = createGroups(actorOf)
  let heap: SleepingMessage[] = []
  // messages that were taken, and that are still in the heap
  const taken = new Set<QueuedMessage>()
  let off = () => {}
  let alarm = Number.POSITIVE_INFINITY
  let offset = read()

  function arm(): void {
    while (heap[0] && taken.delete(heap[0].message)) takeFirst(heap, isEarlier)
    const earliest = heap[0]?.at ?? Number.POSITIVE_INFINITY
    if (earliest === alarm) return
    off()
    off = () => {}
    alarm = earliest
    if (alarm !== Number.POSITIVE_INFINITY)
      off = clock.after(Math.min(MAX_ALARM_MS, Math.max(0, alarm - clock.now())), ring)
  }

  function ring(): void {
    look()
    alarm = Number.POSITIVE_INFINITY
    while (heap[0] && heap[0].at <= clock.now()) {
      const { message } = takeFirst(heap, isEarlier)
      if (taken.delete(message)) continue
      byActor.delete(message)
      fire(message)
    }
    arm()
  }

  /** A delay never lasts longer than requested, even if the clock is set back. Set forward, mail is due early. */
  function look(): void {
    const jump = read() - offset
    if (Math.abs(jump) < MIN_CLOCK_JUMP_MS) return
    offset += jump
    // the first items of a sorted array are the first items of a heap
    heap = heap.map((sleeper) => moved(sleeper, jump)).sort((a, b) => a.at - b.at)
    alarm = Number.NaN
  }

  return {
    add(message) {
      look()
      pushTo(heap, { message, at: message.envelope.due! }, isEarlier)
      byActor.add(message)
      arm()
    },
    all(actor) {
      if (actor !== undefined) return byActor.of(actor)
      return heap.flatMap(({ message }) => (taken.has(message) ? [] : [message]))
    },
    take(actor, pick) {
      const found = byActor.of(actor).filter(pick)
      for (const message of found) {
        byActor.delete(message)
        taken.add(message)
      }
      // each rebuilding drops half of the heap, so taking one message is cheap
      if (2 * taken.size > heap.length) {
        heap = heap.filter(({ message }) => !taken.has(message)).sort((a, b) => a.at - b.at)
        taken.clear()
      }
      if (found.length > 0) arm()
      return found
    },
    clear() {
      heap = []
      taken.clear()
      byActor = createGroups(actorOf)
      arm()
    },
  }
}

function moved({ message, at }: SleepingMessage, jump: number): SleepingMessage {
  return { message, at: Math.min(message.envelope.due!, at + jump) }
}

const actorOf = ({ envelope }: QueuedMessage) => nameOf(envelope.to)
const isEarlier = (a: SleepingMessage, b: SleepingMessage) => a.at < b.at

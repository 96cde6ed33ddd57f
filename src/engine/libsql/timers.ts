import { pushTo, takeFirst } from '../../lib/collections/binary-heap.ts'
import type { Clock } from '../engine.ts'
import type { QueuedMessage } from './activation/activation.ts'

/**
 * Mail that is not due yet: a heap by time, with one alarm for the
 * earliest message. The clock may be set forward and back.
 */
export interface Timers {
  add(message: QueuedMessage): void
  /** All sleeping messages, unordered. */
  all(): readonly QueuedMessage[]
  /** Removes and returns the messages that match. */
  take(pick: (message: QueuedMessage) => boolean): readonly QueuedMessage[]
}

/** A message and its wake-up time on the present clock: its due time, or earlier if the clock was set back. */
type SleepingMessage = { readonly message: QueuedMessage; readonly at: number }

/** The wall clock is read again after this time at the latest: it may have been set, or the machine was asleep. */
const MAX_ALARM_MS = 60_000
/** A smaller difference is not a clock jump. */
const MIN_CLOCK_JUMP_MS = 1_000

export function createTimers(clock: Clock, fire: (message: QueuedMessage) => void): Timers {
  const read = () => clock.now() - clock.elapsed()
  let heap: SleepingMessage[] = []
  let off = () => {}
  let alarm = Number.POSITIVE_INFINITY
  let offset = read()

  function arm(): void {
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
    while (heap[0] && heap[0].at <= clock.now()) fire(takeFirst(heap, isEarlier).message)
    arm()
  }

  /**
   * A delay never lasts longer than requested, even if the clock is set back. If the clock is set
   * forward, due messages wake up early.
   */
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
      arm()
    },
    all: () => heap.map(({ message }) => message),
    take(pick) {
      const taken = heap.filter(({ message }) => pick(message))
      if (taken.length === 0) return []
      const left = heap.filter(({ message }) => !pick(message))
      heap = []
      for (const sleeper of left) pushTo(heap, sleeper, isEarlier)
      arm()
      return taken.map(({ message }) => message)
    },
  }
}

function moved({ message, at }: SleepingMessage, jump: number): SleepingMessage {
  return { message, at: Math.min(message.envelope.due!, at + jump) }
}

const isEarlier = (a: SleepingMessage, b: SleepingMessage) => a.at < b.at

import { pushTo, takeFirst } from '../../lib/binary-heap.ts'
import type { Clock } from '../engine.ts'
import type { Letter } from './activation/activation.ts'

/** Mail that is not due yet: a heap by time, and one alarm for the earliest, by a clock that may be set forward and back. */
export interface Timers {
  add(letter: Letter): void
  /** What sleeps, in no order. */
  all(): readonly Letter[]
  /** Takes out what sleeps and is picked. */
  take(pick: (letter: Letter) => boolean): readonly Letter[]
}

/** A letter, and when it wakes by the clock as it is set now: when it is due, or earlier where the clock was set back. */
type Sleeper = { readonly letter: Letter; readonly at: number }

/** The clock on the wall is looked at again after so many ms: it may have been set, or the machine was asleep. */
const LOOK = 60_000
/** ms: what it is off by less is no jump. */
const JUMP = 1_000

export function createTimers(clock: Clock, fire: (letter: Letter) => void): Timers {
  const read = () => clock.now() - clock.elapsed()
  let heap: Sleeper[] = []
  let off = () => {}
  let alarm = Number.POSITIVE_INFINITY
  let offset = read()

  function arm(): void {
    const earliest = heap[0]?.at ?? Number.POSITIVE_INFINITY
    if (earliest === alarm) return
    off()
    off = () => {}
    alarm = earliest
    if (alarm !== Number.POSITIVE_INFINITY) off = clock.after(Math.min(LOOK, Math.max(0, alarm - clock.now())), ring)
  }

  function ring(): void {
    look()
    alarm = Number.POSITIVE_INFINITY
    while (heap[0] && heap[0].at <= clock.now()) fire(takeFirst(heap, isEarlier).letter)
    arm()
  }

  /** What was to sleep for so long does, and no longer, though the clock is set back meanwhile; set forward, it wakes what is due by it. */
  function look(): void {
    const jump = read() - offset
    if (Math.abs(jump) < JUMP) return
    offset += jump
    // the first of an array in order are the first of a heap
    heap = heap.map((sleeper) => moved(sleeper, jump)).sort((a, b) => a.at - b.at)
    alarm = Number.NaN
  }

  return {
    add(letter) {
      look()
      pushTo(heap, { letter, at: letter.envelope.due! }, isEarlier)
      arm()
    },
    all: () => heap.map(({ letter }) => letter),
    take(pick) {
      const taken = heap.filter(({ letter }) => pick(letter))
      if (taken.length === 0) return []
      const left = heap.filter(({ letter }) => !pick(letter))
      heap = []
      for (const sleeper of left) pushTo(heap, sleeper, isEarlier)
      arm()
      return taken.map(({ letter }) => letter)
    },
  }
}

function moved({ letter, at }: Sleeper, jump: number): Sleeper {
  return { letter, at: Math.min(letter.envelope.due!, at + jump) }
}

const isEarlier = (a: Sleeper, b: Sleeper) => a.at < b.at

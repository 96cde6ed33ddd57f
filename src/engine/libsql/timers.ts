import { pushTo, takeFirst } from '../../heap.ts'
import type { Clock } from '../engine.ts'
import type { Letter } from './resident.ts'

/** Mail that is not due yet: a heap by time, and one alarm for the earliest. */
export interface Timers {
  add(letter: Letter): void
  /** What sleeps, in no order. */
  all(): readonly Letter[]
  /** Takes out what sleeps and is picked. */
  take(pick: (letter: Letter) => boolean): readonly Letter[]
}

export function createTimers(clock: Clock, fire: (letter: Letter) => void): Timers {
  let heap: Letter[] = []
  let off = () => {}
  let alarm = Number.POSITIVE_INFINITY

  function arm(): void {
    const earliest = heap[0]?.envelope.due ?? Number.POSITIVE_INFINITY
    if (earliest === alarm) return
    off()
    off = () => {}
    alarm = earliest
    if (alarm !== Number.POSITIVE_INFINITY) off = clock.after(Math.max(0, alarm - clock.now()), ring)
  }

  function ring(): void {
    alarm = Number.POSITIVE_INFINITY
    while (heap[0] && heap[0].envelope.due! <= clock.now()) fire(takeFirst(heap, isEarlier))
    arm()
  }

  return {
    add(letter) {
      pushTo(heap, letter, isEarlier)
      arm()
    },
    all: () => heap,
    take(pick) {
      const taken = heap.filter(pick)
      if (taken.length === 0) return taken
      const left = heap.filter((letter) => !pick(letter))
      heap = []
      for (const letter of left) pushTo(heap, letter, isEarlier)
      arm()
      return taken
    },
  }
}

const isEarlier = (a: Letter, b: Letter) => a.envelope.due! < b.envelope.due!

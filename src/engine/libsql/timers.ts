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
    while (heap[0] && heap[0].envelope.due! <= clock.now()) fire(pop(heap))
    arm()
  }

  return {
    add(letter) {
      push(heap, letter)
      arm()
    },
    all: () => heap,
    take(pick) {
      const taken = heap.filter(pick)
      if (taken.length === 0) return taken
      const left = heap.filter((letter) => !pick(letter))
      heap = []
      for (const letter of left) push(heap, letter)
      arm()
      return taken
    },
  }
}

const isEarlier = (a: Letter, b: Letter) => a.envelope.due! < b.envelope.due!

function push(heap: Letter[], letter: Letter): void {
  let at = heap.push(letter) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isEarlier(letter, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = letter
}

function pop(heap: Letter[]): Letter {
  const top = heap[0]!
  const last = heap.pop()!
  if (heap.length > 0) sink(heap, last)
  return top
}

function sink(heap: Letter[], letter: Letter): void {
  let at = 0
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && isEarlier(heap[child + 1]!, heap[child]!)) child++
    if (!isEarlier(heap[child]!, letter)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = letter
}

import { createPassing } from '../lib/compacting-map.ts'
import type { EventsFrom } from './engine.ts'
import { createQueue, lengthOf, push, type Queue, shift } from './queue.ts'

/** Listeners by topic; telling costs nothing where nobody listens. */
export type Bus<T> = {
  tell(topic: string, item: T): void
  listen(topic: string, listener: (item: T) => void): () => void
}

export function createBus<T>(): Bus<T> {
  const listeners = createPassing<string, Set<(item: T) => void>>()
  return {
    tell(topic, item) {
      for (const listener of listeners.get(topic) ?? []) listener(item)
    },
    listen(topic, listener) {
      const topical = listeners.get(topic) ?? new Set()
      listeners.set(topic, topical.add(listener))
      return () => {
        topical.delete(listener)
        if (topical.size === 0) listeners.delete(topic)
      }
    },
  }
}

const BACKLOG = 10_000

/** Stands where a reader lost something: the oldest of what it was slow to read, or what another node told; without a count nobody knows how much. */
export type Lost = { readonly type: 'deltas-lost'; readonly count?: number }

type Reader<T> = { readonly waiting: Queue<T>; lost: number; readonly bell: Bell }

/** What is told of a topic from this call on, until the signal; a slow reader loses the oldest beyond 10 000, and is told so. */
export function listenTo<T>(bus: Bus<T>, topic: string, signal: AbortSignal): AsyncIterable<T | Lost> {
  if (signal.aborted) return NOTHING
  const reader: Reader<T> = { waiting: createQueue<T>(), lost: 0, bell: createBell() }
  const leave = bus.listen(topic, (item) => keep(reader, item))
  const end = () => {
    leave()
    reader.bell.ring()
  }
  signal.addEventListener('abort', end, { once: true })
  return drain(reader, signal, leave)
}

function keep<T>(reader: Reader<T>, item: T): void {
  if (lengthOf(reader.waiting) === BACKLOG) {
    shift(reader.waiting)
    reader.lost++
  }
  push(reader.waiting, item)
  reader.bell.ring()
}

const NOTHING: AsyncIterable<never> = { async *[Symbol.asyncIterator]() {} }

async function* drain<T>(reader: Reader<T>, signal: AbortSignal, leave: () => void): AsyncGenerator<T | Lost> {
  try {
    while (!signal.aborted) {
      if (reader.lost > 0) yield takeLost(reader)
      else if (lengthOf(reader.waiting) > 0) yield shift(reader.waiting)!
      else await reader.bell.heard()
    }
  } finally {
    leave()
  }
}

function takeLost(reader: Reader<unknown>): Lost {
  const { lost: count } = reader
  reader.lost = 0
  return { type: 'deltas-lost', count }
}

/** Wakes whoever waits; a ring that nobody waited for is heard by the next. */
export type Bell = { ring(): void; heard(): Promise<void> }

export function createBell(): Bell {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      rung = true
      wake?.()
    },
    async heard() {
      if (!rung) await new Promise<void>((resolve) => (wake = resolve))
      rung = false
      wake = undefined
    },
  }
}

/** Told of a topic, it ends those who follow it. */
export const GONE = Symbol('gone')

/** Follows what `read` finds, from a number on, until the signal or GONE: all else that is told means there may be more. Not `live`, it ends where nothing more is found. */
export async function* follow<T extends { readonly n: number }>(
  bus: Bus<unknown>,
  topic: string,
  read: (after: number) => Promise<readonly T[]>,
  { after = 0, signal, live = true }: EventsFrom = {},
): AsyncGenerator<T> {
  const bell = createBell()
  let gone = false
  const leave = bus.listen(topic, (item) => {
    gone ||= item === GONE
    bell.ring()
  })
  signal?.addEventListener('abort', bell.ring, { once: true })
  try {
    for (let last = after; !gone && !signal?.aborted; ) {
      const items = await read(last)
      for (const item of items) {
        if (signal?.aborted) return
        yield item
        last = item.n
      }
      if (items.length > 0) continue
      if (!live) return
      await bell.heard()
    }
  } finally {
    leave()
    signal?.removeEventListener('abort', bell.ring)
  }
}

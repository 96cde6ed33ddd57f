import { createCompactingMap } from '../lib/collections/compacting-map.ts'
import type { EventsOptions } from './engine.ts'
import { createQueue, lengthOf, push, type Queue, shift } from './queue.ts'

/** Publish/subscribe by topic. Publishing costs nothing on a topic without subscribers. */
export type Bus<T> = {
  publish(topic: string, item: T): void
  /** Whether there is a listener; with a relay also whether there may be one on another node. */
  hasListeners(topic: string): boolean
  subscribe(topic: string, listener: (item: T) => void): () => void
}

export function createBus<T>(): Bus<T> {
  const listeners = createCompactingMap<string, Set<(item: T) => void>>()
  return {
    publish(topic, item) {
      for (const listener of listeners.get(topic) ?? []) listener(item)
    },
    hasListeners: (topic) => listeners.get(topic) !== undefined,
    subscribe(topic, listener) {
      const topical = listeners.get(topic) ?? new Set()
      listeners.set(topic, topical.add(listener))
      return () => {
        topical.delete(listener)
        if (topical.size === 0) listeners.delete(topic)
      }
    },
  }
}

const MAX_BACKLOG = 10_000

/** Marks dropped deltas: the reader was too slow, or those of another node did not arrive, then without `count`. */
export type DeltasLost = { readonly type: 'deltas-lost'; readonly count?: number }

type Reader<T> = { readonly waiting: Queue<T>; lost: number; readonly arrival: AutoResetEvent }

/**
 * Streams the items of a topic from this call on, until the signal. A slow reader loses the oldest items beyond 10 000
 * and gets a `deltas-lost` marker.
 */
export function streamTopic<T>(bus: Bus<T>, topic: string, signal: AbortSignal): AsyncIterable<T | DeltasLost> {
  if (signal.aborted) return EMPTY_STREAM
  const reader: Reader<T> = { waiting: createQueue<T>(), lost: 0, arrival: createAutoResetEvent() }
  const leave = bus.subscribe(topic, (item) => enqueueItem(reader, item))
  const end = () => {
    leave()
    reader.arrival.set()
  }
  signal.addEventListener('abort', end, { once: true })
  return drain(reader, signal, leave)
}

function enqueueItem<T>(reader: Reader<T>, item: T): void {
  if (lengthOf(reader.waiting) === MAX_BACKLOG) {
    shift(reader.waiting)
    reader.lost++
  }
  push(reader.waiting, item)
  reader.arrival.set()
}

const EMPTY_STREAM: AsyncIterable<never> = { async *[Symbol.asyncIterator]() {} }

async function* drain<T>(reader: Reader<T>, signal: AbortSignal, leave: () => void): AsyncGenerator<T | DeltasLost> {
  try {
    while (!signal.aborted) {
      if (reader.lost > 0) yield takeLost(reader)
      else if (lengthOf(reader.waiting) > 0) yield shift(reader.waiting)!
      else await reader.arrival.wait()
    }
  } finally {
    leave()
  }
}

function takeLost(reader: Reader<unknown>): DeltasLost {
  const { lost: count } = reader
  reader.lost = 0
  return { type: 'deltas-lost', count }
}

/** Wakes one waiter and resets itself. A `set` without a waiter wakes the next one. */
export type AutoResetEvent = { set(): void; wait(): Promise<void> }

export function createAutoResetEvent(): AutoResetEvent {
  let rung = false
  let wake: (() => void) | undefined
  return {
    set() {
      rung = true
      wake?.()
    },
    async wait() {
      if (!rung) await new Promise<void>((resolve) => (wake = resolve))
      rung = false
      wake = undefined
    },
  }
}

/** Published on a topic when its actor is deleted: it ends all streams that follow the topic. */
export const DELETED = Symbol('gone')

/**
 * Yields the items that `read` finds after a number, until the signal or DELETED. Any other item on the topic means
 * that there may be more. Without `live` it ends where `read` finds nothing.
 */
export async function* follow<T extends { readonly n: number }>(
  bus: Bus<unknown>,
  topic: string,
  read: (after: number) => Promise<readonly T[]>,
  { after = 0, signal, live = true }: EventsOptions = {},
): AsyncGenerator<T> {
  const arrival = createAutoResetEvent()
  let gone = false
  const leave = bus.subscribe(topic, (item) => {
    gone ||= item === DELETED
    arrival.set()
  })
  signal?.addEventListener('abort', arrival.set, { once: true })
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
      await arrival.wait()
    }
  } finally {
    leave()
    signal?.removeEventListener('abort', arrival.set)
  }
}

import { createPassing } from '../../lib/compacting-map.ts'

/** Whoever waits by the signal that calls it off: one listener for all that have the same. */
export interface Callings<Item> {
  add(signal: AbortSignal, item: Item): void
  remove(signal: AbortSignal, item: Item): void
}

/** `leave` gets each of those whose signal calls them off; it has them removed. */
export function createCallings<Item>(leave: (item: Item) => void): Callings<Item> {
  const waiting = createPassing<AbortSignal, Set<Item>>()

  function callOff({ target }: Event): void {
    for (const item of waiting.get(target as AbortSignal) ?? []) leave(item)
  }

  return {
    add(signal, item) {
      const items = waiting.get(signal)
      if (items) return void items.add(item)
      waiting.set(signal, new Set([item]))
      signal.addEventListener('abort', callOff)
    },
    remove(signal, item) {
      const items = waiting.get(signal)
      if (!items?.delete(item) || items.size > 0) return
      waiting.delete(signal)
      signal.removeEventListener('abort', callOff)
    },
  }
}

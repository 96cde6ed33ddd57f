/** What was used last, as much as fits. */
export interface Lru<Value> {
  get(key: string): Value | undefined
  /** Keeps the value and lets go of those used longest ago; one that alone is larger than the limit is not kept. */
  set(key: string, value: Value, bytes: number): void
  size(): { readonly entries: number; readonly bytes: number }
  /** Lets go of those, and tells how many they were. */
  forget(isGone: (value: Value) => boolean): number
}

type Entry<Value> = { readonly value: Value; readonly bytes: number }

/** A memory of at most `limit` bytes. */
export function createLru<Value>(limit: number): Lru<Value> {
  // a map keeps the order of insertion: the first key was used longest ago
  const entries = new Map<string, Entry<Value>>()
  let total = 0
  let newest: string | undefined

  function remove(key: string): void {
    total -= entries.get(key)?.bytes ?? 0
    entries.delete(key)
  }

  function put(key: string, entry: Entry<Value>): void {
    entries.delete(key)
    entries.set(key, entry)
    newest = key
  }

  return {
    get(key) {
      const entry = entries.get(key)
      if (entry && key !== newest) put(key, entry)
      return entry?.value
    },
    set(key, value, bytes) {
      remove(key)
      if (bytes > limit) return
      put(key, { value, bytes })
      total += bytes
      for (const oldest of entries.keys()) {
        if (total <= limit) break
        remove(oldest)
      }
    },
    size: () => ({ entries: entries.size, bytes: total }),
    forget(isGone) {
      const gone = [...entries].filter(([, { value }]) => isGone(value))
      for (const [key] of gone) remove(key)
      return gone.length
    },
  }
}

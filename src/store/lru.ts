/** A cache with a limit in bytes that evicts the least recently used entries. */
interface Lru<Value> {
  get(key: string): Value | undefined
  /** Stores the value and evicts others. A value larger than the limit is not stored. */
  set(key: string, value: Value, bytes: number): void
  delete(key: string): void
  size(): { readonly entries: number; readonly bytes: number }
  /** Deletes entries and returns their number. */
  forget(isGone: (value: Value) => boolean): number
}

type Entry<Value> = { readonly value: Value; readonly bytes: number }

export function createLru<Value>(limit: number): Lru<Value> {
  // a map keeps insertion order: the first key was used longest ago
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
    delete: remove,
    size: () => ({ entries: entries.size, bytes: total }),
    forget(isGone) {
      const gone = [...entries].filter(([, { value }]) => isGone(value))
      for (const [key] of gone) remove(key)
      return gone.length
    },
  }
}

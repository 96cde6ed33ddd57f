/** The subset of Map for short-lived entries. */
export interface CompactingMap<Key, Value> {
  readonly size: number
  get(key: Key): Value | undefined
  has(key: Key): boolean
  set(key: Key, value: Value): unknown
  delete(key: Key): boolean
  keys(): Iterable<Key>
  values(): Iterable<Value>
}

// fewer deletions are not worth a new table
const MIN_DELETED_TO_COMPACT = 32

/**
 * A map for entries that come and go during the whole life of the process. V8 chains the outgrown
 * tables of a Map, and an old one keeps later entries alive until the next full collection. So this
 * map starts a new Map when as many entries were deleted as remain. Do not delete while iterating.
 */
export function createCompactingMap<Key, Value>(entries?: Iterable<readonly [Key, Value]>): CompactingMap<Key, Value> {
  let map = new Map<Key, Value>(entries)
  let gone = 0
  return {
    get size() {
      return map.size
    },
    get: (key) => map.get(key),
    has: (key) => map.has(key),
    set: (key, value) => map.set(key, value),
    delete(key) {
      if (!map.delete(key)) return false
      if (++gone > MIN_DELETED_TO_COMPACT && gone > map.size) {
        map = new Map(map)
        gone = 0
      }
      return true
    },
    keys: () => map.keys(),
    values: () => map.values(),
  }
}

/** The part of a Map that is used where things come and go. */
export interface CompactingMap<Key, Value> {
  readonly size: number
  get(key: Key): Value | undefined
  has(key: Key): boolean
  set(key: Key, value: Value): unknown
  delete(key: Key): boolean
  keys(): Iterable<Key>
  values(): Iterable<Value>
}

// so few that went are not worth a new table
const MIN_DELETED_TO_COMPACT = 32

/**
 * A map through which things pass for as long as the process lives. A table that a Map outgrew leads to the next one, and once such a
 * table is old, all that ever lay in those after it stays in memory until the next full collection, and is copied by each small one
 * before: so this begins anew whenever as many have gone as are left. Nothing may be deleted while it is walked.
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

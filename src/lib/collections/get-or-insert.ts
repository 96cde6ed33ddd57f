type Keyed<Key, Value> = { get(key: Key): Value | undefined; set(key: Key, value: Value): unknown }

/** The value of a key in a map; where it has none, it gets the one that `make` returns. */
export function getOrInsert<Key, Value>(map: Keyed<Key, Value>, key: Key, make: (key: Key) => Value): Value {
  const value = map.get(key) ?? make(key)
  map.set(key, value)
  return value
}

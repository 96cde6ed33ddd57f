/**
 * The value under a name that comes from outside; undefined if the map has none of its own. `map[name]` would also find
 * inherited names such as `constructor`.
 */
export function ownValue<Value>(map: { readonly [name: string]: Value }, name: string): Value | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined
}

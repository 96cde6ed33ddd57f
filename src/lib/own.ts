/**
 * The value under a name that comes from outside; undefined if the map has none of its own. `map[name]` would also find
 * inherited names such as `constructor`.
 */
export function ownValue<Value>(map: { readonly [name: string]: Value }, name: string): Value | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined
}

/** An object whose members are made when they are first read. A spread reads all of them, and `joined` reads none. */
export function lazily(makers: { readonly [name: string]: () => unknown }): object {
  const members = {}
  for (const [name, make] of Object.entries(makers)) {
    let made: { readonly member: unknown } | undefined
    const get = () => (made ??= { member: make() }).member
    Object.defineProperty(members, name, { get, enumerable: true, configurable: true })
  }
  return members
}

/** An object with the members of both. Members of the second one replace those of the first. */
export const joined = <One extends object, Other extends object>(one: One, other: Other): One & Other =>
  Object.defineProperties({} as One & Other, {
    ...Object.getOwnPropertyDescriptors(one),
    ...Object.getOwnPropertyDescriptors(other),
  })

/** Makes a value unchangeable: what an actor could change after its turn would be shared state, or differ from what is on disk. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const key in value) freeze(value[key])
  return Object.freeze(value)
}

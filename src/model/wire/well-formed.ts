/** A value without lone surrogates, which providers reject. Only plain data changes: bytes and URLs stay. Pure. */
export const wellFormed = <T>(value: T): T => (isWellFormed(value) ? value : repaired(value)) as T

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (Array.isArray(value)) return value.every(isWellFormed)
  return !isPlain(value) || Object.entries(value).every(([name, one]) => name.isWellFormed() && isWellFormed(one))
}

function repaired(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(repaired)
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name.toWellFormed(), repaired(one)]))
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const kind: unknown = Object.getPrototypeOf(value)
  return kind === Object.prototype || kind === null
}

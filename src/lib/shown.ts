/** Longer values are named and not shown. */
const MAX_SHOWN = 80

/** A wrong value in a message: as JSON if that is short, else an object by its name. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? typeof value
  if (typeof value !== 'object' || value === null || text.length <= MAX_SHOWN) return text
  if (Array.isArray(value)) return `a list of ${value.length}`
  return 'name' in value && typeof value.name === 'string' ? `the object ${value.name}` : 'an object'
}

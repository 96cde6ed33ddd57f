import { InvalidError } from '../../errors.ts'
import { exact, readJson } from '../../yaml/exact-numbers.ts'

/**
 * What JSON says; a whole number of which a number would not have all digits stays as it is written, as in a pipeline. Throws an
 * InvalidError that names the first one larger than any number can be, as 1e400 is: it would be none.
 */
export function exactJson(text: string, what: string): unknown {
  const value = readJson(text, asSent)
  const path = pathToInfinite(value)
  if (path === undefined) return value
  const place = path.join('.')
  throw new InvalidError(`${place === '' ? what : `${what}.${place}`}: the number is too large to be kept`, {
    place: { path: place },
    hint: 'Send it as a text.',
  })
}

function asSent(value: number, written: string): number | string {
  const kept = exact(value, written)
  // programs that have no other numbers write theirs so
  if (kept === value || !Number.isFinite(value) || written === String(value)) return value
  return BigInt(written) === BigInt(value) ? value : kept
}

/** Undefined when there is none. */
function pathToInfinite(value: unknown): readonly string[] | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : []
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, inner] of Object.entries(value)) {
    const path = pathToInfinite(inner)
    if (path) return [name, ...path]
  }
  return undefined
}

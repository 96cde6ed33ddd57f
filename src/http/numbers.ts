import { InvalidError } from '../errors.ts'

/** Whether JSON may hold a number that is not kept as it is written; nearly all that comes does not. */
export const hasLongNumber = (text: string) => LONG.test(text)
const LONG = /\d{16}|\de\+?\d{3}/i

/**
 * What JSON says; a whole number of which a number would not have all digits stays as it is written, as in a pipeline. Throws an
 * InvalidError that names the first one larger than any number can be, as 1e400 is: it would be none.
 */
export function exactJson(text: string, what: string): unknown {
  const value: unknown = JSON.parse(text, exact)
  const path = pathToInfinite(value)
  if (path === undefined) return value
  const place = path.join('.')
  throw new InvalidError(`${place === '' ? what : `${what}.${place}`}: the number is too large to be kept`, {
    place: { path: place },
    hint: 'Send it as a text.',
  })
}

const WHOLE = /^-?\d+$/

function exact(_key: string, value: unknown, ...[at]: readonly unknown[]): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !Number.isFinite(value)) return value
  const { source } = at as { readonly source: string }
  // programs that have no other numbers write theirs so
  if (!WHOLE.test(source) || source === String(value)) return value
  return BigInt(source) === BigInt(value) ? value : source
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

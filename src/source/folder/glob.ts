import { isAbsolute, join, sep } from 'node:path'
import { InvalidError } from '../../errors.ts'
import { isSimplePattern, SIMPLE_PATTERNS } from '../../lib/glob.ts'

/** A path with a pattern: the folder before the first name with a sign of a pattern, and the rest. */
type Glob = { readonly folder: string; readonly pattern: string }

const SIGNS = /[*?{[]/

/** Takes a path with a pattern apart; undefined: it has none. InvalidError if the pattern would match too slowly. */
export function splitGlob(path: string): Glob | undefined {
  const names = path.split(sep)
  const first = names.findIndex((name) => SIGNS.test(name))
  if (first < 0) return undefined
  const pattern = names.slice(first).join('/')
  if (!isSimplePattern(pattern))
    throw new InvalidError(`The pattern ${pattern.slice(0, 300)} is too complex.`, { hint: SIMPLE_PATTERNS })
  return { folder: join(isAbsolute(path) ? sep : '.', ...names.slice(0, first)), pattern }
}

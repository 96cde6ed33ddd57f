import { isAbsolute, join, matchesGlob, sep } from 'node:path'
import { InvalidError } from '../../errors.ts'
import { withoutHidden } from '../../lib/unseen.ts'

/** A path with a pattern: the folder before the first name with a sign of a pattern, and the rest. */
type Glob = { readonly folder: string; readonly pattern: string }

const SIGNS = /[*?{[]/
const MAX_PATTERN_LENGTH = 300

/** Takes a path with a pattern apart; undefined: it has none. InvalidError if the pattern would match too slowly. */
export function splitGlob(path: string): Glob | undefined {
  const names = path.split(sep)
  const first = names.findIndex((name) => SIGNS.test(name))
  if (first < 0) return undefined
  const pattern = names.slice(first).join('/')
  checkPattern(pattern)
  return { folder: join(isAbsolute(path) ? sep : '.', ...names.slice(0, first)), pattern }
}

/** Each of these signs multiplies the ways to match a name. */
function checkPattern(pattern: string): void {
  const names = pattern.split('/')
  const isSimple =
    pattern.length <= MAX_PATTERN_LENGTH &&
    !/\{[^}]*\.\.|[@!+*?]\(/.test(pattern) &&
    count(pattern, '{') <= 3 &&
    names.filter((name) => name === '**').length <= 3 &&
    names.every((name) => name === '**' || count(name, '*') <= 3)
  if (isSimple) return
  throw new InvalidError(`The pattern ${pattern.slice(0, MAX_PATTERN_LENGTH)} is too complex.`, {
    hint: 'Use at most three stars in a name, three ** and three {a,b}, without ranges.',
  })
}

const count = (text: string, sign: string) => text.split(sign).length - 1

/** Whether a path below the folder of a pattern matches it. */
export const matcherOf =
  (pattern: string) =>
  (name: string): boolean =>
    matchesGlob(withoutHidden(name), withoutHidden(pattern))

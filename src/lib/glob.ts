import { matchesGlob } from 'node:path'
import { withoutHidden } from './unseen.ts'

const MAX_PATTERN_LENGTH = 300

/** The patterns that match soon, for hints. */
export const SIMPLE_PATTERNS = 'Use at most three stars in a name, three ** and three {a,b}, without ranges.'

/** Whether a pattern matches soon: each of these signs multiplies the ways to match a name. */
export function isSimplePattern(pattern: string): boolean {
  const names = pattern.split('/')
  return (
    pattern.length <= MAX_PATTERN_LENGTH &&
    !/\{[^}]*\.\.|[@!+*?]\(/.test(pattern) &&
    count(pattern, '{') <= 3 &&
    names.filter((name) => name === '**').length <= 3 &&
    names.every((name) => name === '**' || count(name, '*') <= 3)
  )
}

const count = (text: string, sign: string) => text.split(sign).length - 1

/** Whether a path matches a simple pattern. */
export const matcherOf =
  (pattern: string) =>
  (path: string): boolean =>
    matchesGlob(withoutHidden(path), withoutHidden(pattern))

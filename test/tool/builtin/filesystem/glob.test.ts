import { matchesGlob } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createGlob } from '../../../../src/tool/builtin/filesystem/glob.ts'
import { secondsFor } from '../../../template/fixture.ts'

const PATTERNS = [
  'a',
  '*',
  'a*',
  '*.md',
  'a.*',
  '?.md',
  '[ab].md',
  '[!a].md',
  '[a-c]*',
  '{a,b}.md',
  '{a,b*}{.md,.{ts,js}}',
  'x/*',
  'x/**',
  '**',
  '**/*.ts',
  '**/x/*',
  '**/x/**/b*',
  'x/{a,y/*}.md',
  '.*',
  '**/.git/*',
  'x/.git/**',
  '{a}',
  '{a',
  'a}',
  '*{',
]
const PATHS = [
  'a',
  'b',
  '*',
  '{a}',
  '{a',
  'a}',
  'a.md',
  'b.md',
  'd.md',
  'bc.ts',
  'a.js',
  '.md',
  '.git',
  '.git/config',
  'x/a',
  'x/a.md',
  'x/y/b.md',
  'x/y/x/b.ts',
  'x/.git/config',
  'y/x/.git/b',
  'z/x/z/bb',
]

describe('a pattern', () => {
  test.each(PATTERNS)('%s means what it means to node:path', (pattern) => {
    const fits = createGlob(pattern)
    expect(PATHS.filter(fits)).toEqual(PATHS.filter((path) => matchesGlob(path, pattern)))
  })

  test.each([
    ['stars', '*a'.repeat(200), 'a'.repeat(150)],
    ['folders', '**/a/'.repeat(90), 'a/'.repeat(2000)],
    ['open braces', '{'.repeat(500), 'a'.repeat(150)],
    ['nested braces', `${'{a,'.repeat(90)}b${'}'.repeat(90)}`, 'a'.repeat(150)],
    ['a range', '{1..100000000}', 'a'],
    ['brackets', '['.repeat(500), 'a'.repeat(150)],
  ])('of %s is soon looked at', (_what, pattern, path) => {
    expect(secondsFor(() => expect(createGlob(`${pattern}c`)(path)).toBe(false))).toBeLessThan(1)
  })

  test('names a star, too', () => {
    expect(PATHS.filter(createGlob('\\*'))).toEqual(['*'])
  })

  test('of too many braces is refused', () => {
    expect(() => createGlob('{a,b}'.repeat(90))).toThrow('pattern: its braces can be read in more than 100 ways.')
  })
})

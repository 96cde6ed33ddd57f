import { expect, test } from 'vitest'
import { isSimplePattern, matcherOf } from '../../src/lib/glob.ts'
import { secondsFor } from '../template/fixture.ts'

test.each([
  ['stars', '*a'.repeat(200)],
  ['folders', '**/a/'.repeat(90)],
  ['open braces', '{'.repeat(200)],
  ['nested braces', `${'{a,'.repeat(90)}b${'}'.repeat(90)}`],
  ['a range', '{1..100000000}'],
  ['groups', '+(a|b)'],
  ['four stars in a name', 'a*b*c*d*'],
])('a pattern of %s is too complex', (_what, pattern) => {
  expect(isSimplePattern(pattern)).toBe(false)
})

test.each([
  ['stars', '*a*a*ac', 'a'.repeat(255)],
  ['folders', '**/a/**/a/**/ac', 'a/'.repeat(2000)],
  ['braces', '{a,aa}{a,aa}{a,aa}c', 'a'.repeat(255)],
  ['brackets', '['.repeat(300), 'a'.repeat(255)],
])('a simple pattern of %s is soon looked at', (_what, pattern, path) => {
  expect(isSimplePattern(pattern)).toBe(true)
  expect(secondsFor(() => expect(matcherOf(pattern)(path)).toBe(false))).toBeLessThan(1)
})

test('a pattern names a star in brackets, and hidden names by their dot only', () => {
  const paths = ['a', '*', '.a', 'x/.a', 'x/y/a']
  expect(paths.filter(matcherOf('[*]'))).toEqual(['*'])
  expect(paths.filter(matcherOf('*'))).toEqual(['a', '*'])
  expect(paths.filter(matcherOf('**/a'))).toEqual(['a', 'x/y/a'])
  expect(paths.filter(matcherOf('**/.a'))).toEqual(['.a', 'x/.a'])
})

import { expect, test } from 'vitest'
import { constantWords } from '../../ui/run/constant-words.ts'
import { fc } from '../property.ts'

test.each([
  ['The server answered 500 for order ord_8f3a.', 'The server answered'],
  ['The server answered 503 for order ord_1b.', 'The server answered'],
  ['There is no file reports/2026-11-28.md.', 'There is no file'],
  ['expected a list, got `"Anna"`', 'expected a list, got'],
  ['step \'load\' cannot read "a b": permission denied (13)', 'permission denied'],
  ["the customer's card was refused", "the customer's card was refused"],
  ['connect ECONNREFUSED 127.0.0.1:80', 'connect ECONNREFUSED'],
  ['Zeitüberschreitung nach 30 s', 'Zeitüberschreitung nach'],
  ['File not found: missing.log', 'File not found'],
  ['exit code 1\nstack of run_1', 'exit code'],
  ['500', ''],
  ['a 1 b 2', ''],
  ['', ''],
])('%j fails the way of %j', (error, words) => {
  expect(constantWords(error)).toBe(words)
})

test('the words are in the error as they are, and have neither digits nor more letters than a list takes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (error) => {
      const words = constantWords(error)
      expect(error.includes(words)).toBe(true)
      expect(words.length).toBeLessThanOrEqual(200)
      expect(words).not.toMatch(/\d/)
    }),
  )
})

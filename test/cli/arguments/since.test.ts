import { expect, test } from 'vitest'
import { parseSince } from '../../../src/cli/arguments/options.ts'

test('a time in the past is a span, a word or a day', () => {
  expect(parseSince('2026-11-21')).toBe(new Date(2026, 10, 21).getTime())
  expect(parseSince('today') - parseSince('yesterday')).toBeGreaterThanOrEqual(23 * 3_600_000)
  expect(parseSince('12h')).toBeLessThan(parseSince('1s'))
})

test.each(['gestern', '2026-13-40', '2026-02-30', '2026-00-10', '7 d'])('%s is refused, with examples', (given) => {
  expect(() => parseSince(given)).toThrow('Expected a time such as 7d, 12h, today, yesterday or 2026-11-21.')
})

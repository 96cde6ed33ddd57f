import { expect, it } from 'vitest'
import {
  commandLine,
  formatCost,
  formatCount,
  formatDuration,
  formatNumber,
  localTime,
} from '../../../src/cli/terminal/format.ts'
import { formatSize } from '../../../src/lib/text/format-size.ts'

it('quotes for a shell only what needs it, and starts like the command before', () => {
  expect(commandLine(['ask', "what's up", '--data', 'a/b'], {})).toBe("antiphon ask 'what'\\''s up' --data a/b")
  expect(commandLine(['runs', ''], { npm_command: 'exec' })).toBe("npx antiphon runs ''")
})

it.each([
  [0, '0 ms'],
  [0.456, '0.46 ms'],
  [12.4, '12 ms'],
  [1500, '1.5 s'],
  [61_000, '1 min 1 s'],
  [3_660_000, '1 h 1 min'],
])('says %d ms as %s', (ms, words) => {
  expect(formatDuration(ms)).toBe(words)
})

it('counts and tells the time', () => {
  expect([formatCount(1, 'step'), formatCount(2, 'step')]).toEqual(['1 step', '2 steps'])
  expect(localTime(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe('2026-01-02 03:04:05')
})

it('has one way to say sizes, money and large numbers', () => {
  expect([653, 2048, 256 * 1024 ** 2].map(formatSize)).toEqual(['653 bytes', '2.0 KiB', '256.0 MiB'])
  expect([0.00001, 0.0123].map(formatCost)).toEqual(['<$0.0001', '$0.0123'])
  expect([999, 12_345, 128_000, 2_000_000].map(formatNumber)).toEqual(['999', '12.3k', '128k', '2M'])
})

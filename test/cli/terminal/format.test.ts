import { expect, it } from 'vitest'
import { commandLine, count, duration, moment } from '../../../src/cli/terminal/format.ts'

it('quotes for a shell only what needs it, and starts like the command before', () => {
  expect(commandLine(['ask', "what's up", '--data', 'a/b'], {})).toBe("antiphon ask 'what'\\''s up' --data a/b")
  expect(commandLine(['runs', ''], { npm_command: 'exec' })).toBe("npx antiphon runs ''")
})

it.each([
  [12.4, '12 ms'],
  [1500, '1.5 s'],
  [61_000, '1 min 1 s'],
  [3_660_000, '1 h 1 min'],
])('says %d ms as %s', (ms, words) => {
  expect(duration(ms)).toBe(words)
})

it('counts and tells the time', () => {
  expect([count(1, 'step'), count(2, 'step')]).toEqual(['1 step', '2 steps'])
  expect(moment(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe('2026-01-02 03:04:05')
})

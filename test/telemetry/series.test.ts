import { expect, test } from 'vitest'
import { createSeries, type SeriesValue } from '../../src/telemetry/series.ts'

const MINUTE = 60_000
const NOON = Date.UTC(2026, 0, 10, 12)

/** A process whose numbers and clock a test sets. */
function openProcess(lines = 1) {
  let now = NOON
  let turns = 0
  let active = 0
  const sample = (): readonly SeriesValue[] => [
    { name: 'turns', value: turns, total: true },
    ...Array.from({ length: lines }, (_, at) => ({ name: 'running', pool: `pool ${at}`, value: active })),
  ]
  const series = createSeries(sample, () => now)
  return {
    ...series,
    pass(minutes: number, grown: number, level: number) {
      now += minutes * MINUTE
      turns += grown
      active = level
      series.look()
    },
  }
}

test('the last hour has what a counter grew by in each minute, and no value where nobody looked', () => {
  const { look, pass, read } = openProcess()
  look()
  pass(1, 30, 2)
  pass(1, 12, 4)
  pass(3, 5, 1)
  const { every, until, lines } = read()
  expect([every, until]).toEqual([MINUTE, NOON + 5 * MINUTE])
  expect(lines.map(({ name, pool, values }) => [name, pool, values.length, values.slice(-6)])).toEqual([
    ['turns', null, 60, [null, 30, 12, null, null, 5]],
    ['running', 'pool 0', 60, [0, 2, 4, null, null, 1]],
  ])
})

test('the last day has means of quarters of an hour, and what is older is gone', () => {
  const { look, pass, read } = openProcess()
  look()
  for (let minute = 0; minute < 15; minute++) pass(1, 4, minute)
  expect(read('day').lines.map(({ values }) => [values.length, values.at(-1), values.at(-2)])).toEqual([
    [96, 4, null],
    [96, 7, 0],
  ])
  pass(1440, 0, 3)
  expect(read('day').lines[1]!.values.filter((one) => one !== null)).toEqual([3])
})

test('a clock that is set back writes over what it had', () => {
  const { look, pass, read } = openProcess()
  look()
  pass(2, 1, 9)
  pass(-1, 1, 5)
  expect(read().lines[1]!.values.slice(-2)).toEqual([0, 5])
})

test('a process with many pools keeps at most 300 lines of 5.8 KB', () => {
  const { look, read } = openProcess(1000)
  look()
  expect(read('day').lines).toHaveLength(300)
})

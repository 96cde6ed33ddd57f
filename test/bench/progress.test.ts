import { expect, it } from 'vitest'
import { renderRow } from '../../bench/progress.ts'

const row = { name: 'goals-1', title: 'rounds, one goal at a time', unit: 'rounds/s', better: 'more' } as const
const spread = (median: number) => ({ min: median, median, max: median })

it('a row is one line: its figures so far, those of its rivals, and the goals that it meets', () => {
  const line = renderRow(
    {
      ...row,
      ours: spread(500),
      goal: { floor: 100 },
      verdict: { floor: true },
      against: [
        {
          name: 'Peer',
          figure: spread(1000),
          ratio: spread(0.5),
          goal: { floor: 0.6, aim: 1 },
          verdict: { floor: false },
        },
        { name: 'Other', figure: spread(0), ratio: spread(Number.POSITIVE_INFINITY), verdict: {} },
        { name: 'Third', absent: 'not installed' },
      ],
    },
    2,
    3,
  )
  expect(line).toBe(
    'round 2 of 3 · goals-1, rounds, one goal at a time: 500 rounds/s (≥ 100 holds)' +
      ' · Peer 1,000 (0.50 ×, ≥ 0.6 FAILS, ≥ 1 not yet) · Other 0.00 (– ×) · Third absent: not installed',
  )
})

it('a row that failed says why', () => {
  expect(renderRow({ ...row, absent: 'it took longer than 90 s' }, 1, 3)).toBe(
    'round 1 of 3 · goals-1, rounds, one goal at a time: FAILED: it took longer than 90 s',
  )
})

import { expect, it } from 'vitest'
import type { Report } from '../../bench/report.ts'
import { renderReport } from '../../bench/table.ts'

const spread = (median: number) => ({ min: median - 1, median, max: median + 1 })
const row = { title: 'keyed update', unit: 'updates/s', better: 'more' } as const
const report: Report = {
  concern: 'engine',
  at: '2026-01-01T00:00:00.000Z',
  rounds: 3,
  warmUp: 4,
  seconds: 0.4,
  machine: {
    system: 'linux',
    processor: 'some',
    cores: 2,
    node: 'v24',
    libsql: '0.5',
    sqlite: '3.45',
    synchronous: 'FULL',
    sync: { p50: 0.1, p99: 0.2 },
    delay: 1.1,
  },
  peers: [{ title: 'Restate', absent: 'not installed' }],
  skipped: [{ name: 'syncs', reason: 'strace is not installed' }],
  rows: [
    {
      ...row,
      name: 'fast',
      ours: spread(500),
      verdict: {},
      against: [
        {
          name: 'ceiling',
          figure: spread(1000),
          ratio: { min: 0.4, median: 0.5, max: 0.6 },
          goal: { floor: 0.6, aim: 0.8 },
          verdict: { floor: false, aim: false },
        },
        { name: 'Restate', goal: { floor: 30 }, absent: 'not installed' },
      ],
    },
    {
      ...row,
      name: 'small',
      better: 'less',
      ours: spread(5),
      goal: { floor: 10 },
      verdict: { floor: true },
      against: [],
    },
    { ...row, name: 'broken', absent: 'it took longer than 20 s' },
  ],
}

it('the table has a line for each row and each rival, and names the floors that do not hold', () => {
  const lines = renderReport(report).split('\n')
  const cellsOf = (start: string) =>
    lines
      .find((line) => line.trimStart().startsWith(start))
      ?.trim()
      .split(/ {2,}/)
  expect(cellsOf('fast')).toEqual(['fast', 'keyed update', '499', '500', '501', 'updates/s'])
  expect(cellsOf('ceiling')?.slice(1)).toEqual([
    '999',
    '1,000',
    '1,001',
    '0.40',
    '0.50',
    '0.60',
    '≥ 0.6 FAILS',
    '≥ 0.8 not yet',
  ])
  expect(cellsOf('small')).toEqual(['small', 'keyed update', '4.00', '5.00', '6.00', 'updates/s', '≤ 10 holds'])
  expect(cellsOf('Restate  ')).toEqual(['Restate', 'absent: not installed'])
  expect(cellsOf('broken')).toEqual(['broken', 'keyed update', 'FAILED: it took longer than 20 s'])
  expect(lines).toContain('syncs is skipped: strace is not installed')
  expect(lines.at(-1)).toBe('1 of 3 floors hold; not: fast / ceiling, broken.')
})

import { expect, test } from 'vitest'
import { DAY, expiredRuns } from '../../../../src/runtime/maintenance/retention/limits.ts'

const NOW = 100 * DAY
const finished = (...days: number[]) =>
  days.map((day, index) => ({ id: `run_${index}`, finishedAt: NOW - day * DAY, what: 'run' as const }))
const expired = (runs: ReturnType<typeof finished>, limits: { runs?: number; runDays?: number }) =>
  expiredRuns(runs, { runs: 10, runDays: 30, deadLetterDays: 30, auditDays: 90, ...limits }, NOW).map(
    ({ id, why }) => `${id} ${why}`,
  )

test('runs that finished too long ago go, the oldest first', () => {
  expect(expired(finished(31, 1, 30, 40), {})).toEqual(['run_3 age', 'run_0 age'])
})

test('the runs that finished last stay', () => {
  expect(expired(finished(3, 1, 2, 4), { runs: 2 })).toEqual(['run_3 number', 'run_0 number'])
  expect(expired(finished(3, 1), { runs: 2 })).toEqual([])
  expect(expired(finished(40, 1), { runs: 0 })).toEqual(['run_0 age', 'run_1 number'])
})

import { describe, expect, test } from 'vitest'
import { periodAt, periodEnd } from '../../src/budget/period.ts'
import { ownerIn, readScope } from '../../src/budget/scope.ts'

const AT = Date.parse('2026-12-31T23:59:59.999Z')

describe('the period of a budget', () => {
  test.each([
    ['owner-day/ada', '2026-12-31', '2027-01-01T00:00:00.000Z'],
    ['owner-hour/ada', '2026-12-31T23', '2027-01-01T00:00:00.000Z'],
    ['pipeline-day/ada/report', '2026-12-31', '2027-01-01T00:00:00.000Z'],
    ['pipeline-hour/ada/report', '2026-12-31T23', '2027-01-01T00:00:00.000Z'],
  ])('%s is %s, and over at %s', (scope, period, end) => {
    expect(periodAt(readScope(scope), AT)).toBe(period)
    expect(new Date(periodEnd(period)).toISOString()).toBe(end)
  })

  test.each(['run/run_1', 'thread/main', 'owner/ada', 'pipeline/ada/report'])('%s has none', (scope) => {
    expect(periodAt(readScope(scope), AT)).toBeUndefined()
  })
})

test('a scope says whose it is, where it does', () => {
  expect(ownerIn(readScope('pipeline-hour/ada/report'))).toBe('ada')
  expect(ownerIn(readScope('owner-hour/ada'))).toBe('ada')
  expect(ownerIn(readScope('run/run_1'))).toBeUndefined()
})

test.each(['pipeline/report', 'pipeline-hour//report', 'pipeline-day/ada/', 'week/ada', 'owner-week/ada'])(
  '%s is not a scope',
  (scope) => {
    expect(() => readScope(scope)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('pipeline-hour/OWNER/ID') }),
    )
  },
)

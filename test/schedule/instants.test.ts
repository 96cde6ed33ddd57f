import { describe, expect, it } from 'vitest'
import { dueNow } from '../../src/schedule/due.ts'
import { instantsAfter, instantsOf } from '../../src/schedule/instants.ts'

const at = (text: string) => Date.parse(text)
const shown = (instants: readonly number[]) => instants.map((one) => new Date(one).toISOString().slice(0, 16))

describe('the instants of a cron expression', () => {
  it.each([
    [
      'a day in Berlin, set forward',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00', '2026-03-30T00:30'],
    ],
    [
      'a day in Berlin, set back',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00Z',
      ['2026-10-25T00:30', '2026-10-26T01:30'],
    ],
    [
      'a day in New York, set forward',
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00Z',
      ['2026-03-08T07:00', '2026-03-09T06:30'],
    ],
    [
      'a day in New York, set back',
      '30 1 * * *',
      'America/New_York',
      '2026-10-31T12:00Z',
      ['2026-11-01T05:30', '2026-11-02T06:30'],
    ],
    [
      'an hour in Berlin, set back',
      '15 * * * *',
      'Europe/Berlin',
      '2026-10-24T23:30Z',
      ['2026-10-25T00:15', '2026-10-25T01:15'],
    ],
    ['working days in UTC', '0 8 * * 1-5', undefined, '2026-11-27T09:00Z', ['2026-11-30T08:00', '2026-12-01T08:00']],
  ])('follow the zone: %s', async (_, cron, zone, after, expected) => {
    const next = await instantsOf({ cron, ...(zone !== undefined && { zone }) }, at(after))
    expect(shown(instantsAfter(next, at(after), 2))).toEqual(expected)
  })

  it.each([
    [{ cron: '61 * * * *' }, 'cron', /Invalid value for minute: 61/],
    [{ cron: '* * *' }, 'cron', /expected five or six fields/],
    [{ cron: '2026-01-01T00:00:00' }, 'cron', /expected five or six fields/],
    [{ cron: '* * * * *', zone: 'Mars/Base' }, 'zone', /"Mars\/Base" is not a time zone/],
    [{ cron: '0 0 30 2 *' }, 'cron', /is never due/],
    [{ every: 0.2 }, 'every', /Expected at least 1 second between two instants, got 0.2/],
  ])('refuse %j with its place', async (timing, path, message) => {
    await expect(instantsOf(timing, 0)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      place: { path },
    })
  })
})

it('a time span counts from its beginning', async () => {
  const next = await instantsOf({ every: 90 }, 1000)
  expect(instantsAfter(next, 1000, 3)).toEqual([91_000, 181_000, 271_000])
  expect(next(0)).toBe(91_000)
  expect(next(91_000)).toBe(181_000)
})

describe('after hours in which nothing could start', () => {
  const HOUR = 3_600_000
  const [seen, now] = [0, 5 * HOUR + 600_000]
  const hourly = (after: number) => (Math.floor(after / HOUR) + 1) * HOUR

  it.each([
    ['none', [], { from: HOUR, to: 5 * HOUR, count: 5 }],
    ['last', [5 * HOUR], { from: HOUR, to: 4 * HOUR, count: 4 }],
    ['all', [1, 2, 3, 4, 5].map((n) => n * HOUR), undefined],
  ] as const)('makes up for %s', (rule, instants, missed) => {
    expect(dueNow(hourly, { seen, now }, rule)).toEqual({
      instants,
      missed: missed ? [{ type: 'missed', at: now, ...missed }] : [],
    })
  })

  it('starts an instant that is on time, and no earlier one besides it', () => {
    expect(dueNow(hourly, { seen, now: 5 * HOUR + 1000 }, 'last')).toMatchObject({ instants: [5 * HOUR] })
  })

  it('looks at a bounded number of instants, and makes up for at most 100', () => {
    let looked = 0
    const eachSecond = (after: number) => ++looked && (Math.floor(after / 1000) + 1) * 1000
    const year = 365 * 24 * HOUR
    const { instants, missed } = dueNow(eachSecond, { seen, now: year }, 'all')
    expect(instants.length).toBe(161)
    expect(missed).toEqual([{ type: 'missed', at: year, from: 0, to: expect.any(Number) }])
    expect(looked).toBeLessThan(6000)
  })
})

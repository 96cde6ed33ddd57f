import { describe, expect, it } from 'vitest'
import { dueNow } from '../../src/schedule/due.ts'
import { type Instants, instantsAfter, instantsOf } from '../../src/schedule/instants.ts'
import type { Decision, StoredDecision } from '../../src/schedule/state.ts'

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
    const instants = await instantsOf({ cron, ...(zone !== undefined && { zone }) }, at(after))
    expect(shown(instantsAfter(instants, at(after), 2))).toEqual(expected)
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
  const instants = await instantsOf({ every: 90 }, 1000)
  expect(instantsAfter(instants, 1000, 3)).toEqual([91_000, 181_000, 271_000])
  expect(instants.next(0)).toBe(91_000)
  expect(instants.next(91_000)).toBe(181_000)
  expect(instants.count(0, 181_000)).toBe(2)
  expect(instants.count(91_000, 181_000)).toBe(1)
})

describe('after hours in which nothing could start', () => {
  const HOUR = 3_600_000
  const [seen, now] = [0, 5 * HOUR + 600_000]
  const hourly = eachOf(HOUR)

  it.each([
    ['none', [], [1, 2, 3, 4, 5]],
    ['last', [5], [1, 2, 3, 4]],
    ['all', [1, 2, 3, 4, 5], []],
  ] as const)('makes up for %s, and each other instant has a decision', (rule, made, missed) => {
    expect(dueNow(hourly, { seen, now }, rule)).toEqual({
      instants: made.map((n) => n * HOUR),
      missed: missed.length > 0 ? [{ type: 'each', at: now, instants: missed.map((n) => n * HOUR) }] : [],
    })
  })

  it('starts an instant that is on time, and no earlier one besides it', () => {
    expect(dueNow(hourly, { seen, now: 5 * HOUR + 1000 }, 'last')).toMatchObject({ instants: [5 * HOUR] })
  })

  it('makes up for the last of instants that lie close together and far back', async () => {
    const [from, days] = [at('2026-11-29T00:00Z'), 5 * 24 * HOUR]
    const weekly = await instantsOf({ cron: '10,11 2 * * 0' }, from)
    const { instants, missed } = dueNow(weekly, { seen: from, now: from + days }, 'last')
    expect([shown(instants), missed]).toEqual([
      ['2026-11-29T02:11'],
      [{ type: 'each', at: from + days, instants: [at('2026-11-29T02:10Z')] }],
    ])
  })

  it('looks at a bounded number of instants, makes up for at most 100, and counts all of them', () => {
    const eachSecond = eachOf(1000)
    const year = 365 * 24 * HOUR
    let looked = 0
    const next = (after: number) => ++looked && eachSecond.next(after)
    const { instants, missed } = dueNow({ ...eachSecond, next }, { seen, now: year }, 'all')
    expect(instants.length).toBe(161)
    const [earlier, each] = missed as [Decision & { type: 'missed' }, StoredDecision & { type: 'each' }]
    expect(each.instants.length).toBe(1000)
    expect(earlier).toMatchObject({ type: 'missed', from: 1000, to: each.instants[0]! - 1000 })
    expect(earlier.count! + each.instants.length + instants.length).toBe(year / 1000)
    expect(looked).toBeLessThan(6000)
  })
})

/** Instants at each multiple of a span. */
function eachOf(span: number): Instants {
  const done = (instant: number) => Math.floor(instant / span)
  return { next: (after) => (done(after) + 1) * span, count: (after, to) => Math.max(0, done(to) - done(after)) }
}

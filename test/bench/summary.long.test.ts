import { describe, expect, it } from 'vitest'
import type { Row } from '../../bench/row.ts'
import { judge, type Rounds, spreadOf, summariseRow } from '../../bench/summary.ts'

const row: Row = {
  name: 'update',
  title: 'keyed update',
  figure: 'perSecond',
  unit: 'updates/s',
  better: 'more',
  ours: 'antiphon/update',
  goal: { floor: 100 },
  against: [
    { name: 'ceiling', measurement: 'ceiling/update', goal: { floor: 0.5, aim: 0.9 } },
    { name: 'Peer', measurement: 'peer/update', goal: { floor: 30 } },
  ],
}

function summarise(rounds: { readonly [name: string]: Rounds }, given: Row = row) {
  return summariseRow(given, (name) => rounds[name]!)
}

describe('a spread', () => {
  it('is min, median and max of numbers in any order', () => {
    expect(spreadOf([9, 100, 10])).toEqual({ min: 9, median: 10, max: 100 })
  })

  it('has the mean of the two in the middle as the median of an even number', () => {
    expect(spreadOf([4, 1, 2, 40])).toEqual({ min: 1, median: 3, max: 40 })
  })
})

describe('a goal', () => {
  it('is reached by as much or more where more is better', () => {
    expect(judge(0.6, 'more', { floor: 0.6, aim: 0.61 })).toEqual({ floor: true, aim: false })
    expect(judge(0.59, 'more', { floor: 0.6 })).toEqual({ floor: false })
  })

  it('is reached by as much or less where less is better', () => {
    expect(judge(10, 'less', { floor: 10, aim: 9 })).toEqual({ floor: true, aim: false })
    expect(judge(11, 'less', { floor: 10 })).toEqual({ floor: false })
  })

  it('that is not set is not judged', () => {
    expect(judge(1, 'more')).toEqual({})
  })
})

describe('a row', () => {
  const antiphon = [
    { perSecond: 60, batch: 4 },
    { perSecond: 120, batch: 8 },
    { perSecond: 90, batch: 6 },
  ]
  const ceiling = [{ perSecond: 100 }, { perSecond: 400 }, { perSecond: 100 }]

  it('divides our figure by the one of the same round, not by the median', () => {
    const { against } = summarise({
      'antiphon/update': antiphon,
      'ceiling/update': ceiling,
      'peer/update': [{ perSecond: 2 }, { perSecond: 4 }, { perSecond: 4 }],
    }) as { readonly against: unknown }
    expect(against).toMatchObject([
      {
        name: 'ceiling',
        figure: { min: 100, median: 100, max: 400 },
        ratio: { min: 0.3, median: 0.6, max: 0.9 },
        verdict: { floor: true, aim: false },
      },
      { name: 'Peer', ratio: { min: 22.5, median: 30, max: 30 }, verdict: { floor: true } },
    ])
  })

  it('judges its own figure by its own goal and tells what a commit held', () => {
    const found = summarise({ 'antiphon/update': antiphon, 'ceiling/update': ceiling, 'peer/update': ceiling })
    expect(found).toMatchObject({ ours: { min: 60, median: 90, max: 120 }, verdict: { floor: false }, batch: 6 })
  })

  it('says why a rival is absent, and never that it is slow', () => {
    const found = summarise({
      'antiphon/update': antiphon,
      'ceiling/update': ceiling,
      'peer/update': { absent: 'not installed' },
    })
    expect(found).toMatchObject({ against: [{ name: 'ceiling' }, { name: 'Peer', absent: 'not installed' }] })
  })

  it('that failed has a reason and no figures', () => {
    const found = summarise({ 'antiphon/update': { absent: 'it took longer than 20 s' } })
    expect(found).toMatchObject({ name: 'update', absent: 'it took longer than 20 s' })
    expect(found).not.toHaveProperty('ours')
  })

  it('says so if the system does not report the figure', () => {
    const found = summarise({ 'antiphon/update': [{ perSecond: Number.NaN }] })
    expect(found).toMatchObject({ absent: 'it cannot be measured on this system' })
  })
})

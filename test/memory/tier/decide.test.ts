import { expect, test } from 'vitest'
import { compress } from '../../../src/memory/tier/compress.ts'
import { dueRows, importanceOf, type TierRow } from '../../../src/memory/tier/decide.ts'
import { tierRules } from '../../../src/memory/tier/rules.ts'
import { fc } from '../../property.ts'

const { weights } = tierRules()
const row = (id: string, more: Partial<TierRow> = {}): TierRow => ({
  rid: 1,
  id,
  learnedAt: 0,
  importance: null,
  pinned: false,
  reward: 0,
  surprise: 0,
  reads: 0,
  ...more,
})
const ids = (rows: readonly TierRow[]) => rows.map(({ id }) => id)

test('importance is what the caller gave, or more by use, and stays between 0 and 1', () => {
  const now = 86_400_000
  const recency = 0.2 * Math.exp(-1)
  expect(importanceOf(row('a'), now, weights)).toBeCloseTo(recency)
  expect(importanceOf(row('a', { reward: -5, reads: 2, surprise: 1 }), now, weights)).toBeCloseTo(
    0.2 + 0.12 + recency + 0.1,
  )
  expect(importanceOf(row('a', { reads: 1e9, reward: 1e9, surprise: 5 }), now, weights)).toBe(1)
  expect(importanceOf(row('a', { importance: 0.9 }), now, weights)).toBe(0.9)
  expect(importanceOf(row('a', { learnedAt: 2 * now }), now, weights)).toBeCloseTo(0.2)
})

test('a record is due at its age, and not a millisecond before', () => {
  const at = (now: number) => dueRows([row('a')], { limit: 10, ttl: 1000, count: 1, weights }, now)
  expect([at(999).length, at(1000).length]).toEqual([0, 1])
  expect(dueRows([row('a', { pinned: true })], { limit: 0, ttl: 1, count: 1, weights }, 5)).toEqual([])
})

test('records over the limit are due by the most age · (1 − importance): ties by age, then by id', () => {
  const rows = [
    row('young', { learnedAt: 90 }),
    row('b', { importance: 0.5 }),
    row('a', { importance: 0.5 }),
    row('important', { importance: 1 }),
    row('old', { importance: 0.3 }),
  ]
  const due = (count: number) => ids(dueRows(rows, { limit: 3, ttl: 1e9, count, weights }, 100))
  expect(due(3)).toEqual([])
  expect(due(4)).toEqual(['old'])
  expect(due(5)).toEqual(['a', 'old'])
  expect(due(6)).toEqual(['a', 'b', 'old'])
})

test('a limit moves exactly the excess, and no other record scores more', () => {
  const rows = fc.array(
    fc.record({ learnedAt: fc.nat(50), importance: fc.double({ min: 0, max: 1, noNaN: true }), reads: fc.nat(9) }),
    { maxLength: 20 },
  )
  fc.assert(
    fc.property(rows, fc.nat(20), (given, limit) => {
      const all = given.map((one, at) => row(`${at}`, one))
      const due = new Set(dueRows(all, { limit, ttl: 1e9, count: all.length, weights }, 60))
      expect(due.size).toBe(Math.max(0, all.length - limit))
      const score = (one: TierRow) => (60 - one.learnedAt) * (1 - importanceOf(one, 60, weights))
      const stay = all.filter((one) => !due.has(one)).map(score)
      for (const one of due) expect(score(one)).toBeGreaterThanOrEqual(Math.max(-1, ...stay))
    }),
  )
})

test('compression rounds fractions and drops keys; integers, texts and truth values stay', () => {
  const data = {
    position: [1.23456, [2, { x: -0.00049 }]],
    id: 12345678901234,
    at: '2026-01-01T00:00:00.123Z',
    debug_info: { a: 1 },
    nested: { trace: [1], flag: false, none: null, text: 'trace 1.23456' },
  }
  const { intermediate, long } = tierRules().compression
  const once = compress(JSON.stringify(data), intermediate!)
  expect(JSON.parse(once)).toEqual({
    position: [1.235, [2, { x: 0 }]],
    id: 12345678901234,
    at: '2026-01-01T00:00:00.123Z',
    nested: { trace: [1], flag: false, none: null, text: 'trace 1.23456' },
  })
  expect(JSON.parse(compress(once, long!))).toEqual({
    position: [1.2, [2, { x: 0 }]],
    id: 12345678901234,
    at: '2026-01-01T00:00:00.123Z',
    nested: { flag: false, none: null, text: 'trace 1.23456' },
  })
  for (const value of [0, '', false, [], null, 'a'])
    expect(compress(JSON.stringify(value), long!)).toBe(JSON.stringify(value))
  expect(() => compress('{', long!)).toThrow(SyntaxError)
})

import { expect, test } from 'vitest'
import type { StepRow } from '../../src/client.ts'
import { placeOf, type Timeline, ticksOf, timelineOf } from '../../ui/run/timeline.ts'
import { fc } from '../property.ts'

const START = Date.parse('2026-11-27T10:00:00Z')
const at = (ms: number) => new Date(START + ms).toISOString()

const row = (id: string, given: Partial<StepRow> = {}): StepRow =>
  ({
    id,
    status: 'completed',
    ready_at: at(0),
    started_at: null,
    completed_at: null,
    retries: 0,
    attempts: [],
    ...given,
  }) as StepRow
const worked = (id: string, ready: number, from: number, to: number, more: Partial<StepRow> = {}) =>
  row(id, { ready_at: at(ready), started_at: at(from), completed_at: at(to), ...more })

const kindsOf = ({ lines }: Timeline) => lines.map(({ stretches }) => stretches.map(({ kind }) => kind))

test('the wait for an answer is not work, although its step has started', () => {
  const by = { type: 'user', name: 'ann', through: 'http' } as const
  const rows = [worked('gate', 0, 10, 5100, { said: [{ what: 'approved', by, at: START + 5000 }] })]
  expect(timelineOf(rows, START, START + 6000).lines[0]!.stretches).toEqual([
    { kind: 'person', from: START, to: START + 5000 },
    { kind: 'work', from: START + 5000, to: START + 5100 },
  ])
})

test('each stretch of a step has a kind of its own', () => {
  const by = { type: 'user', name: 'ann', through: 'http' } as const
  const rows = [
    worked('a', 0, 100, 200),
    worked('b', 200, 5000, 5100, { said: [{ what: 'approved', by, at: 1 }] }),
    worked('c', 200, 900, 1000, {
      retries: 1,
      attempts: [{ attempt: 1, started_at: null, ms: null, code: 'busy', message: 'm', until: at(800) }],
    }),
    row('d', { status: 'waiting', waits_for: 'signal:ok' }),
    row('e', { status: 'waiting', waits_for: 'budget:run/x' }),
    row('f', { status: 'waiting', retry_at: at(9000) }),
    row('g', { status: 'running' }),
    row('h', { status: 'queued', ready_at: null }),
    row('i', { status: 'skipped' }),
  ]
  expect(kindsOf(timelineOf(rows, START, START + 6000))).toEqual([
    ['place', 'work'],
    ['person', 'work'],
    ['pause', 'work'],
    ['person'],
    ['money'],
    ['pause'],
    ['work'],
    [],
    [],
  ])
})

test('a step in a loop is not ready before its loop begins', () => {
  const rows = [worked('each', 0, 5000, 6000), worked('each_0_sum', 0, 5100, 5200)]
  expect(timelineOf(rows, START, START + 6000).lines[1]!.stretches[0]).toMatchObject({ from: START + 5000 })
})

test('a long wait is folded, so that the work keeps its room', () => {
  const day = 86_400_000
  const timeline = timelineOf([worked('a', 0, 0, 1000), worked('b', 1000, day, day + 1000)], START, START + day + 1000)
  expect(timeline.pieces.map(({ isFolded }) => isFolded)).toEqual([false, true, false])
  const width = (from: number, to: number) => placeOf(timeline, START + to) - placeOf(timeline, START + from)
  expect(width(0, 1000)).toBeCloseTo(0.48)
  expect(width(day, day + 1000)).toBeCloseTo(0.48)
})

const span = fc
  .tuple(fc.nat(100_000_000), fc.nat(1_000_000), fc.nat(5_000_000))
  .map(([ready, wait, work]) => ({ ready, wait, work }))

test('moments keep their order on the axis, and no work is folded', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 40 }), fc.array(fc.nat(120_000_000)), (spans, moments) => {
      const rows = spans.map(({ ready, wait, work }, n) => worked(`s${n}`, ready, ready + wait, ready + wait + work))
      const end = Math.max(1, ...spans.map(({ ready, wait, work }) => ready + wait + work))
      const timeline = timelineOf(rows, START, START + end)
      const places = moments.toSorted((a, b) => a - b).map((ms) => placeOf(timeline, START + ms))
      for (const [index, place] of places.entries()) {
        expect(place).toBeGreaterThanOrEqual(places[index - 1] ?? 0)
        expect(place).toBeLessThanOrEqual(1)
      }
      expect(placeOf(timeline, START + end)).toBeCloseTo(1)
      const folded = timeline.pieces.filter(({ isFolded }) => isFolded)
      const work = timeline.lines.flatMap(({ stretches }) => stretches.filter(({ kind }) => kind === 'work'))
      for (const { from, to } of folded)
        expect(work.some((one) => one.from < to && one.to > from && one.to > one.from)).toBe(false)
      for (const { x } of ticksOf(timeline)) expect(x >= 0 && x <= 1).toBe(true)
    }),
  )
})

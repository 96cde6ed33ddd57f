import { expect, test } from 'vitest'
import type { StepRow } from '../../src/client.ts'
import { criticalPath, wordsOfPath } from '../../ui/timeline/critical-path.ts'
import { rowsOf } from '../../ui/timeline/families.ts'
import { loopOf, statusOf } from '../../ui/timeline/stretches.ts'
import { placeOf, type Timeline, tickLabel, ticksOf, timelineOf } from '../../ui/timeline/timeline.ts'
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
    dependencies: [],
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
      // each mark has room for its text, also the last one of a narrow axis
      const marks = ticksOf(timeline, 117).map(({ x }) => x * 117)
      for (const [n, x] of marks.entries()) expect([x >= 0, (marks[n + 1] ?? 117) - x >= 65]).toEqual([true, true])
    }),
  )
})

test('a mark says its time without digits that tell nothing', () => {
  const labels = [0, 5, 1000, 1500, 1505].map((ms) => tickLabel(ms, 5))
  expect(labels).toEqual(['0', '+5 ms', '+1 s', '+1.5 s', '+1.505 s'])
  expect([2000, 65_000].map((ms) => tickLabel(ms, 1000))).toEqual(['+2.0 s', '+1 m 05 s'])
})

test('each attempt is a stretch of its own, with the pause behind it', () => {
  const failed = (attempt: number, from: number, ms: number, code = 'rate_limited') => ({
    attempt,
    started_at: at(from),
    ms,
    code,
    message: 'm',
  })
  const gone = { attempt: 1, started_at: null, ms: null, code: 'cut_off', message: 'm' }
  const last = { attempt: 3, started_at: at(2000), ms: 500, code: null, message: null }
  const rows = [
    worked('a', 0, 2000, 2500, { retries: 2, attempts: [failed(1, 100, 200), failed(2, 1000, 300), last] }),
    worked('b', 0, 2000, 2500, { attempts: [gone, { ...last, attempt: 1 }] }),
    worked('c', 0, 100, 2500, { queued: 2 }),
    row('d', { status: 'running', attempts: [{ ...last, attempt: 1, ms: null }] }),
    row('e', { status: 'running', attempts: [{ ...last, attempt: 1, ms: null }], waits_for: 'pool' }),
  ]
  const [a, b, c, d, e] = timelineOf(rows, START, START + 3000).lines.map(({ stretches }) => stretches)
  const work = { kind: 'work', code: 'rate_limited' }
  expect(a).toEqual([
    { kind: 'place', from: START, to: START + 100 },
    { ...work, from: START + 100, to: START + 300, attempt: 1 },
    { ...work, kind: 'pause', from: START + 300, to: START + 1000, attempt: 1 },
    { ...work, from: START + 1000, to: START + 1300, attempt: 2 },
    { ...work, kind: 'pause', from: START + 1300, to: START + 2000, attempt: 2 },
    { kind: 'work', from: START + 2000, to: START + 2500, attempt: 3 },
  ])
  expect(b!.map(({ kind, from }) => [kind, from - START])).toEqual([
    ['off', 0],
    ['work', 2000],
  ])
  expect(c!.map(({ kind, to }) => [kind, to - START])).toEqual([
    ['place', 100],
    ['place', 2100],
    ['work', 2500],
  ])
  expect(d!.map(({ kind, to }) => [kind, to - START])).toEqual([
    ['place', 2000],
    ['work', 3000],
  ])
  expect(e!.map(({ kind, to }) => [kind, to - START])).toEqual([
    ['place', 2000],
    ['place', 3000],
  ])
  expect(rows.map(statusOf)).toEqual(['completed', 'completed', 'completed', 'running', 'queued'])
})

/** Runs of steps that begin when those they need have ended, with loops of steps one after another. */
const plan = fc.array(
  fc.record({ needs: fc.array(fc.nat(20), { maxLength: 3 }), wait: fc.nat(500), work: fc.nat(500), items: fc.nat(3) }),
  { minLength: 1, maxLength: 20 },
)

function rowsOfPlan(steps: typeof plan extends fc.Arbitrary<infer Plan> ? Plan : never) {
  const ends: number[] = []
  return steps.flatMap(({ needs, wait, work, items }, index) => {
    const before = [...new Set(needs.filter((need) => need < index))]
    const ready = Math.max(0, ...before.map((need) => ends[need]!))
    const begin = ready + wait
    const dependencies = before.map((need) => `s${need}`)
    const inner = Array.from({ length: items }, (_, item) =>
      worked(`s${index}_${item}_x`, begin, begin + item * work, begin + (item + 1) * work, { dependencies: [] }),
    )
    ends[index] = begin + work * Math.max(1, items)
    return [worked(`s${index}`, ready, begin, ends[index]!, { dependencies }), ...inner]
  })
}

test('the critical path is a chain of steps that held each other up, and covers the run', () => {
  fc.assert(
    fc.property(plan, fc.nat(1000), (steps, rest) => {
      const rows = rowsOfPlan(steps)
      const to = Math.max(...rows.map((one) => Date.parse(one.completed_at!))) + rest
      const timeline = timelineOf(rows, START, to)
      const parts = criticalPath(timeline.lines, timeline)
      let moment = START
      for (const part of parts) {
        expect(part.from).toBe(moment)
        expect(part.to).toBeGreaterThan(part.from)
        moment = part.to
      }
      expect(moment).toBe(timeline.to)
      const chain = parts
        .flatMap(({ step }) => (step === undefined ? [] : [step]))
        .filter((one, n, all) => one !== all[n - 1])
      const byId = new Map(rows.map((one) => [one.id, one]))
      for (const [n, id] of chain.entries()) {
        const before = chain[n - 1]
        if (before === undefined) continue
        const needed = reach(id, byId)
        const isNear = loopOf(id) === before || loopOf(before) === id || loopOf(id) === loopOf(before)
        expect(needed.has(before) || isNear || needed.has(loopOf(before) ?? '')).toBe(true)
      }
      // only the time after the last step belongs to no step
      const waited = parts.filter(({ kind }) => kind === 'between').reduce((sum, one) => sum + one.to - one.from, 0)
      expect(waited).toBe(timeline.to - Math.max(...timeline.lines.map(({ stretches }) => stretches.at(-1)!.to)))
    }),
  )
})

/** The steps that a step or the loops around it need, directly or not. */
function reach(id: string, rows: ReadonlyMap<string, StepRow>, found = new Set<string>()): ReadonlySet<string> {
  const loop = loopOf(id)
  for (const need of [...(rows.get(id)?.dependencies ?? []), ...(loop === undefined ? [] : [loop])])
    if (!found.has(need)) reach(need, rows, found.add(need))
  return found
}

test('where the time went is said in a few words', () => {
  const by = { type: 'user', name: 'ann', through: 'http' } as const
  const hour = 3_600_000
  const rows = [
    worked('ask', 0, 0, hour, { said: [{ what: 'approved', by, at: START + hour }] }),
    worked('write', hour, hour + 120_000, hour + 660_000, { dependencies: ['ask'] }),
  ]
  const timeline = timelineOf(rows, START, START + hour + 660_000)
  expect(wordsOfPath(criticalPath(timeline.lines, timeline))).toEqual([
    '1 h 00 m waiting for a person at ask',
    '9 m 00 s in write',
    '2 m 00 s waiting for a place',
  ])
})

test('the critical path of ten thousand steps of a loop, one after another, goes through all of them', () => {
  const inner = Array.from({ length: 10_000 }, (_, n) => worked(`each_${n}_x`, 0, n, n + 1))
  const rows = [worked('each', 0, 0, 10_000), ...inner]
  const timeline = timelineOf(rows, START, START + 10_000)
  expect(criticalPath(timeline.lines, timeline)).toHaveLength(10_000)
})

test('the critical path through a full pool goes from each step to the one that took its place', () => {
  // the record of an end comes 10 ms after the next call has begun
  const inner = [0, 1, 2, 3].map((n) => worked(`each_${n}_x`, 0, 0, (n + 1) * 1000 + 10, n === 0 ? {} : { queued: n }))
  const timeline = timelineOf([worked('each', 0, 0, 4010), ...inner], START, START + 4010)
  const parts = criticalPath(timeline.lines, timeline)
  expect(new Set(parts.map(({ step }) => step))).toEqual(new Set(inner.map(({ id }) => id)))
  expect(wordsOfPath(parts)).toEqual(['4.0 s in each'])
})

test('many steps of one name are one row until it is opened, and what failed comes first', () => {
  const items = Array.from({ length: 200 }, (_, n) =>
    worked(n === 0 ? 'charge' : `charge#${n + 1}`, 0, n, n + 1, n === 120 ? { status: 'failed' } : {}),
  )
  const named = Array.from({ length: 19 }, (_, n) => worked(`item-${n}`, 0, 0, 1))
  const { lines } = timelineOf(
    [worked('load', 0, 0, 1), ...items, ...named, worked('sum', 0, 300, 301)],
    START,
    START + 301,
  )
  const look = { open: new Set<string>(), chosen: undefined, failed: undefined }
  const shown = (given: Partial<Parameters<typeof rowsOf>[1]>) =>
    rowsOf(lines, { ...look, ...given }).map((one) =>
      'lines' in one ? `${one.name} × ${one.lines.length}` : one.step.id,
    )
  // too few items are rows of their own
  expect(shown({})).toEqual(['load', 'charge × 200', ...named.map(({ id }) => id), 'sum'])
  expect(shown({ failed: 'charge#121' }).slice(0, 2)).toEqual(['charge × 200', 'load'])
  expect(shown({ failed: 'sum' }).slice(0, 2)).toEqual(['sum', 'load'])
  for (const isOpen of [{ open: new Set(['charge']) }, { chosen: 'charge#7' }])
    expect(shown(isOpen).slice(1, 4)).toEqual(['charge × 200', 'charge#121', 'charge'])
  expect(new Set(shown({ open: new Set(['charge']) })).size).toBe(lines.length + 1)
})

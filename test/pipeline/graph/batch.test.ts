import { expect, test } from 'vitest'
import { advance } from '../../../src/pipeline/graph/advance.ts'
import { NEW_RUN } from '../../../src/pipeline/plan/run-state.ts'
import { graphOf } from '../graph.ts'
import { type Ending, endOf, simulate } from '../simulation.ts'

const first = () => 0
const together = () => true
/** The loop turns so often; asked what now it ends. */
const opening =
  (length: number): Ending =>
  (id, turn) =>
    id === 'each' && turn === undefined ? { loop: { list: { inline: [] }, length } } : {}
const problem = { code: 'tool_failed', name: 'ToolError', message: 'no' }
const numbered = <T>(count: number, node: T) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`d${n}`, node]))

test('the steps that one turn starts share a message, at most 32, with one message for each loop', () => {
  const pipeline = graphOf({ root: {}, ...numbered(4, { needs: ['root'] }), each: { loop: LOOP, needs: ['root'] } })
  const { turns } = simulate(pipeline, opening(36), first, together)
  expect(turns.flatMap(({ starts }) => starts.map(({ id, members = [] }) => [id, members.length]))).toEqual(
    expect.arrayContaining([
      ['root', 0],
      ['d0', 3],
      ['each', 0],
      ['each_0_one', 31],
      ['each_32_one', 3],
    ]),
  )
})

test('the failures of a group are taken first, so that nothing starts', () => {
  const pipeline = graphOf({ good: {}, bad: {}, later: { needs: ['good'] } })
  const begun = advance(pipeline, NEW_RUN, {}, { type: 'begin', start: {} }, 0)
  const ends = [endOf('good', {}), endOf('bad', { status: 'failed', problem })]
  const given = { ...begun.parts, 'step/later': undefined }
  const turn = advance(
    pipeline,
    begun.run,
    given,
    { type: 'batch-end', mode: 'parallel', of: 'good', ends, deferred: [] },
    0,
  )
  expect(turn).toMatchObject({ starts: [], run: { status: 'failed', done: 1, failed: 1, skipped: 1 } })
})

test('a step that leaves its batch starts by itself, once, and is not announced again', () => {
  const pipeline = graphOf({ a: {}, b: {}, c: {} })
  const { turns, events, run } = simulate(pipeline, () => ({}), first)
  expect(turns[0]!.starts).toEqual([{ id: 'a', members: ['b', 'c'] }])
  expect(turns[1]!.starts.map(({ id, deferred }) => [id, deferred?.key])).toEqual([
    ['a', 'a'],
    ['b', 'b'],
    ['c', 'c'],
  ])
  expect(events.filter((event) => (event as { type: string }).type === 'step-start')).toHaveLength(3)
  expect(run).toMatchObject({ status: 'completed', done: 3 })
})

test('nothing goes on apart in a run that is over', () => {
  const pipeline = graphOf({ a: {}, b: {} })
  const { run, parts } = advance(pipeline, NEW_RUN, {}, { type: 'begin', start: {} }, 0)
  const event = { type: 'batch-end', mode: 'parallel', of: 'a', ends: [], deferred: [{ step: 'b', key: 'k' }] } as const
  expect(advance(pipeline, run, parts, event, 0).starts).toHaveLength(1)
  expect(advance(pipeline, { ...run, status: 'cancelled' }, parts, event, 0)).toMatchObject({ starts: [], parts: {} })
})

test('ends that start much are taken in several turns', () => {
  const wide = { maxParallel: 16, body: { one: [], ...numbered(30, ['one']) } }
  const { turns, run } = simulate(graphOf({ each: { loop: wide } }), opening(16), first, together)
  const started = turns.map(({ starts }) => starts.reduce((sum, { members = [] }) => sum + 1 + members.length, 0))
  expect(Math.max(...started)).toBe(60)
  expect(run).toMatchObject({ status: 'completed', done: 1 + 16 * 31 })
})

const LOOP = { maxParallel: 36, body: { one: [] } }

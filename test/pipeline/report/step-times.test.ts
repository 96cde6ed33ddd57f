import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import { advance, readSet } from '../../../src/pipeline/graph/advance.ts'
import type { GraphEvent } from '../../../src/pipeline/graph/draft.ts'
import { NEW_RUN } from '../../../src/pipeline/plan/run-state.ts'
import type { KnownStep } from '../../../src/run/room/report/run-steps.ts'
import { stepSpans } from '../../../src/run/room/report/step-times.ts'
import { decodeStep } from '../../../src/step/messages/codec.ts'
import type { LoopReport, StepEnd } from '../../../src/step/messages/step-end.ts'
import { type EndedStep, hasEnded } from '../../../src/step/record/outcome.ts'
import { graphOf } from '../graph.ts'
import { endOf } from '../simulation.ts'

const end = (step: string, ms: number): StepEnd => ({ ...endOf(step, {}), ms })

/** When the steps of a graph ended, of which the first ones are under way, by what their run is told at 1000. */
function timesAfter(sketch: Parameters<typeof graphOf>[0], event: GraphEvent) {
  const pipeline = graphOf(sketch)
  const { run, parts } = advance(pipeline, NEW_RUN, {}, { type: 'begin', start: {} }, 0)
  const given = Object.fromEntries(readSet(pipeline, run, event).map((name) => [name, parts[name] ?? undefined]))
  const told = advance(pipeline, run, given, event, 1000).parts
  return Object.fromEntries(Object.entries(told).map(([name, part]) => [name, endTimeOf(part)]))
}

function endTimeOf(stored: Json): number | undefined {
  const part = decodeStep(stored ?? undefined)
  return hasEnded(part) ? part.at : undefined
}

describe('when a step ended', () => {
  const chain = { a: {}, b: { needs: ['a'] }, c: { needs: ['b'] } }

  test('is when it said so', () => {
    expect(timesAfter({ a: {} }, end('a', 7))).toEqual({ 'step/a': 1000 })
    expect(timesAfter({ a: {} }, endOf('a', { status: 'failed' }))).toEqual({ 'step/a': 1000 })
    const ends = [end('a', 7), end('b', 5)]
    expect(timesAfter({ a: {}, b: {} }, { type: 'batch-end', mode: 'parallel', of: 'a', ends, deferred: [] })).toEqual({
      ...{ 'step/a': 1000, 'step/b': 1000 },
    })
  })

  test('is of those of one turn when the next one began', () => {
    const times = { 'step/a': 984, 'step/b': 989, 'step/c': 1000 }
    const whole = [end('a', 7), end('b', 5), end('c', 11)] as const
    expect(timesAfter(chain, { type: 'batch-end', mode: 'sequence', ends: whole })).toEqual(times)
  })

  test('is not said of a loop that goes on, nor of what was skipped or has ended before', () => {
    expect(timesAfter({ a: {} }, endOf('a', { status: 'skipped' }))).toEqual({ 'step/a': undefined })
    expect(timesAfter(chain, end('b', 1))).toEqual({})
    const goesOn: LoopReport = {
      ...{ type: 'step-end', step: 'l', status: 'iterating', attempts: 1, ms: 1 },
      plan: { list: { inline: [] }, length: 1 },
    }
    expect(timesAfter({ l: { loop: { maxParallel: 1, body: { x: [] } } } }, goesOn)).toMatchObject({
      'step/l': undefined,
    })
  })
})

describe('from when to when', () => {
  const step = (id: string, ...within: readonly string[]): KnownStep => ({
    ...{ id, action: 'read', tool: null, dependencies: [], within },
  })
  const ended = (at: number, ms: number): EndedStep => ({
    ...{ status: 'completed', attempts: 1, ms, result: { inline: 1 }, order: 0, at },
  })

  test('a step took its last attempt, a loop what its steps took from the first on', () => {
    const inner = ['l_0_m_0_x', 'l_0_m_1_x'].map((id) => step(id, 'l_0_m', 'l'))
    const steps = [step('a'), step('l'), step('l_0_m', 'l'), ...inner]
    const parts = new Map([
      ['a', ended(100, 40)],
      ['l', ended(900, 1)],
      ['l_0_m', ended(800, 1)],
      ['l_0_m_0_x', ended(300, 50)],
      ['l_0_m_1_x', ended(700, 500)],
    ])
    expect(Object.fromEntries(stepSpans(steps, parts))).toEqual({
      ...{ a: { from: 60, to: 100 }, l: { from: 200, to: 900 }, l_0_m: { from: 200, to: 800 } },
      ...{ l_0_m_0_x: { from: 250, to: 300 }, l_0_m_1_x: { from: 200, to: 700 } },
    })
  })
})

import { describe, expect, test } from 'vitest'
import { spansOf } from '../../src/pipeline/document/times.ts'
import { withTimes } from '../../src/pipeline/ends.ts'
import type { StepEnd } from '../../src/pipeline/messages.ts'
import type { StepPart } from '../../src/pipeline/state.ts'

const end = (step: string, ms: number): StepEnd => ({ type: 'step-end', step, status: 'completed', attempts: 1, ms })
const part = (status: StepPart['status']) => ({ status, attempts: 1, ms: 7 })

describe('when a step ended', () => {
  test('is when it said so, of those of one turn one after another', () => {
    const parts = { 'step/a': part('completed'), 'step/b': part('failed'), 'step/c': part('running') }
    expect(withTimes(parts, end('a', 7), 1000)).toEqual({ 'step/a': { ...part('completed'), at: 1000 } })
    const ends = [end('a', 7), end('b', 5)] as const
    expect(withTimes(parts, { type: 'segment-end', ends }, 1000)).toEqual({
      'step/a': { ...part('completed'), at: 995 },
      'step/b': { ...part('failed'), at: 1000 },
    })
  })

  test('is not said of a loop that goes on, nor of what was skipped or has ended before', () => {
    const parts = { 'step/l': part('running'), 'step/s': part('skipped') }
    for (const step of ['l', 's', 'gone']) expect(withTimes(parts, end(step, 1), 1000)).toEqual({})
    expect(withTimes(parts, { type: 'begin' }, 1000)).toEqual({})
  })
})

describe('from when to when', () => {
  const at = (node: string, ...indices: readonly number[]) => ({ node, indices })
  const ended = (at: number, ms: number): StepPart => ({ status: 'completed', at, ms })

  test('a step took its last attempt, a loop what its steps took from the first on', () => {
    const instances = [at('a'), at('l'), at('l.m', 0), at('l.m.x', 0, 0), at('l.m.x', 0, 1), at('old')]
    const parts = new Map([
      ['a', ended(100, 40)],
      ['l', ended(900, 1)],
      ['l_0_m', ended(800, 1)],
      ['l_0_m_0_x', ended(300, 50)],
      ['l_0_m_1_x', ended(700, 500)],
      ['old', { status: 'completed', ms: 3 } as StepPart],
    ])
    expect(Object.fromEntries(spansOf(instances, parts))).toEqual({
      ...{ a: { from: 60, to: 100 }, l: { from: 200, to: 900 }, l_0_m: { from: 200, to: 800 } },
      ...{ l_0_m_0_x: { from: 250, to: 300 }, l_0_m_1_x: { from: 200, to: 700 } },
    })
  })
})

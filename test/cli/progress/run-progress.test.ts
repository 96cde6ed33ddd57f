import { expect, it } from 'vitest'
import { viewEvent } from '../../../src/cli/commands/run/follow.ts'
import {
  applyRunEvent,
  INITIAL_RUN_PROGRESS,
  loopsAround,
  queuedSteps,
} from '../../../src/cli/progress/run-progress.ts'
import type { Json } from '../../../src/kernel/schema.ts'

const after = (...events: Json[]) => events.reduce<typeof INITIAL_RUN_PROGRESS>(applyRunEvent, INITIAL_RUN_PROGRESS)
const start = (step: string) => ({ type: 'step-start', step })
const end = (step: string, status = 'completed', problem?: Json) => ({ type: 'step-end', step, status, ms: 2, problem })

it('counts what is done, running and queued', () => {
  const progress = after(
    { type: 'run-start', name: 'p', steps: 5 },
    start('a'),
    start('b'),
    end('a'),
    end('c', 'skipped'),
  )
  expect(progress).toMatchObject({ name: 'p', status: 'running', total: 5, done: 1, skipped: 1, failed: 0 })
  expect([...progress.running]).toEqual(['b'])
  expect(queuedSteps(progress)).toBe(2)
})

it('counts the steps of a loop in the loop and in the total; of ended steps only failures stay', () => {
  const progress = after(
    { type: 'run-start', name: 'p', steps: 2 },
    start('each'),
    { type: 'loop-start', step: 'each', iterations: 3, steps: 6 },
    start('each_0_read'),
    end('each_0_read'),
    start('each_0_sum'),
    start('each_12_read'),
    end('each_12_read', 'failed', { code: 'x', message: 'broken' }),
  )
  expect([...progress.groups.keys()]).toEqual(['each', 'each_0_sum', 'each_12_read'])
  expect(progress.groups.get('each_0_sum')).toMatchObject({ within: 'each', status: 'running' })
  expect(progress.groups.get('each')).toMatchObject({
    loop: { iterations: 3, steps: 6 },
    done: 1,
    failed: 1,
    running: 1,
    status: 'running',
  })
  expect(progress).toMatchObject({ total: 8, done: 1, failed: 1 })
  expect(queuedSteps(progress)).toBe(4)
  const ended = applyRunEvent(progress, end('each'))
  expect(ended.groups.get('each')).toMatchObject({ status: 'completed', ms: 2, done: 1 })
  expect([...ended.groups.keys()]).toEqual(['each'])
})

it('takes a step for part of a loop only when there is such a loop', () => {
  const progress = after(start('phase_2_check'), { type: 'loop-start', step: 'a_1_b', iterations: 1, steps: 1 })
  expect(loopsAround(progress, 'phase_2_check')).toEqual([])
  expect(loopsAround(progress, 'a_1_b_0_c')).toEqual(['a_1_b'])
})

it('shows an inner loop below its loop, and adds up its iterations over all of them', () => {
  const progress = after(
    { type: 'run-start', name: 'p', steps: 1 },
    start('outer'),
    { type: 'loop-start', step: 'outer', iterations: 2, steps: 2 },
    start('outer_0_inner'),
    { type: 'loop-start', step: 'outer_0_inner', iterations: 1, steps: 3 },
    { type: 'loop-turn', step: 'outer_0_inner', iterations: 2, steps: 3 },
    start('outer_0_inner_1_a'),
    end('outer_0_inner_0_a'),
  )
  expect(loopsAround(progress, 'outer_0_inner_1_a')).toEqual(['outer', 'outer_0_inner'])
  expect(progress.groups.get('outer')).toMatchObject({ loop: { iterations: 2, steps: 8 }, done: 1, running: 2 })
  expect(progress.groups.get('outer_0_inner')).toMatchObject({ within: 'outer', loop: { iterations: 2, steps: 6 } })
  expect(progress.groups.get('outer_0_inner_1_a')).toMatchObject({ within: 'outer_0_inner' })
  expect(progress.total).toBe(9)
  const ended = after({ type: 'loop-start', step: 'outer', iterations: 1, steps: 1 })
  expect([...applyRunEvent(applyRunEvent(progress, end('outer_0_inner')), end('outer')).groups.keys()]).toEqual([
    'outer',
  ])
  expect(ended.groups.size).toBe(1)
})

it('adds up what models took, in the step, its loops and the run; cost where there is a price', () => {
  const use = (input: number, cost?: number) => ({ for: 'step', model: 'm', why: '', input, output: 2, cost })
  const progress = after(
    { type: 'loop-start', step: 'l', iterations: 2, steps: 2 },
    { ...end('l_0_a'), attempts: 3, models: [use(10), use(20, 0.5)] } as Json,
    { ...end('b'), models: [use(100, 0.25)] } as Json,
  )
  expect(progress.used).toEqual({ input: 130, output: 6, cost: 0.75 })
  expect(progress.groups.get('l')).toMatchObject({ used: { input: 30, output: 4, cost: 0.5 } })
  expect(progress.groups.get('b')).toMatchObject({ model: 'm', used: { input: 100, output: 2, cost: 0.25 } })
})

it('knows until when a step pauses, and that it goes on', () => {
  const problem = { code: 'x', name: 'E', message: 'busy' }
  const paused = after(start('a'), { type: 'step-wait', step: 'a', until: 5000, attempts: 1, problem })
  expect(paused.groups.get('a')).toMatchObject({ status: 'running', pause: { until: 5000, attempts: 1 }, problem })
  const done = applyRunEvent(paused, { ...end('a'), attempts: 2 } as Json).groups.get('a')!
  expect(done).toMatchObject({ status: 'completed', attempts: 2 })
  expect(done).not.toHaveProperty('problem')
  expect(done).not.toHaveProperty('pause')
})

it('keeps no more than a screen needs, however many steps there are', () => {
  const steps = Array.from({ length: 3000 }, (_, n) => `s${n}`)
  const looped = Array.from({ length: 3000 }, (_, n) => `l_${n}_a`)
  const progress = after(
    { type: 'run-start', name: 'p', steps: 3001 },
    ...steps.flatMap((step, n) => [start(step), end(step, n % 100 === 0 ? 'failed' : 'completed')]),
    start('l'),
    { type: 'loop-start', step: 'l', iterations: 3000, steps: 3000 },
    ...looped.flatMap((step) => [start(step), end(step, 'failed')]),
  )
  expect(progress.groups.size).toBeLessThan(220)
  expect(progress.hidden).toBe(2800)
  expect([...progress.groups.values()].filter(({ status, within }) => status === 'failed' && !within)).toHaveLength(30)
  expect(progress.groups.get('l')).toMatchObject({ failed: 3000, running: 0 })
})

it('counts a step once that started twice, and one that ended without a start', () => {
  const progress = after(
    { type: 'loop-start', step: 'l', iterations: 2, steps: 2 },
    start('l_0_a'),
    start('l_0_a'),
    end('l_1_a', 'skipped'),
  )
  expect(progress.groups.get('l')).toMatchObject({ running: 1, skipped: 1 })
})

it('keeps the problem of a step, ends with the run, and does not mind what it does not know', () => {
  const problem = { code: 'x', name: 'E', message: 'broken' }
  const progress = after(
    start('a'),
    end('a', 'failed', problem),
    { type: 'run-end', status: 'failed' },
    { type: 'new' },
  )
  expect(progress.groups.get('a')).toMatchObject({ status: 'failed', problem })
  expect(progress.status).toBe('failed')
})

it('changes nothing that was handed out', () => {
  const before = after({ type: 'run-start', name: 'p', steps: 1 }, start('a'))
  applyRunEvent(before, end('a'))
  expect([...before.running]).toEqual(['a'])
  expect(before.groups.get('a')?.status).toBe('running')
})

it('beside events it gets only pauses, and these only where the picture can be redrawn', () => {
  const problem = { code: 'x', name: 'E', message: 'busy' }
  const retry = { type: 'step-retry', step: 'a', attempts: 2, delay: 500, problem }
  expect(viewEvent(undefined, retry, true, 1000)).toEqual({
    type: 'step-wait',
    step: 'a',
    until: 1500,
    attempts: 2,
    problem,
  })
  expect(viewEvent(undefined, retry, false, 1000)).toBeUndefined()
  expect(viewEvent(undefined, { type: 'text-delta', step: 'a', text: 'x' }, true, 1000)).toBeUndefined()
  expect(viewEvent(3, start('a'), true, 1000)).toEqual(start('a'))
})

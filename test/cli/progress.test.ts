import { expect, it } from 'vitest'
import { followRun, groupOf, queuedOf, unstarted } from '../../src/cli/progress.ts'
import type { Json } from '../../src/kernel/schema.ts'

const after = (...events: Json[]) => events.reduce<typeof unstarted>(followRun, unstarted)
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
  expect(queuedOf(progress)).toBe(2)
})

it('folds the steps of a loop into the loop, and adds them to all there is', () => {
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
  expect([...progress.groups.keys()]).toEqual(['each'])
  expect(progress.groups.get('each')).toMatchObject({
    loop: { iterations: 3, steps: 6 },
    done: 1,
    failed: 1,
    running: 1,
    status: 'running',
  })
  expect(progress).toMatchObject({ total: 8, done: 1, failed: 1 })
  expect(queuedOf(progress)).toBe(4)
  const ended = followRun(progress, end('each'))
  expect(ended.groups.get('each')).toMatchObject({ status: 'completed', ms: 2, done: 1 })
})

it('takes a step for part of a loop only when there is such a loop', () => {
  const progress = after(start('phase_2_check'), { type: 'loop-start', step: 'a_1_b', iterations: 1, steps: 1 })
  expect(groupOf(progress, 'phase_2_check').id).toBe('phase_2_check')
  expect(groupOf(progress, 'a_1_b_0_c').id).toBe('a_1_b')
})

it('folds loops in a loop into that, and counts what each of their turns adds', () => {
  const progress = after(
    { type: 'run-start', name: 'p', steps: 1 },
    start('outer'),
    { type: 'loop-start', step: 'outer', iterations: 2, steps: 2 },
    start('outer_0_inner'),
    { type: 'loop-start', step: 'outer_0_inner', iterations: 1, steps: 3 },
    { type: 'loop-turn', step: 'outer_0_inner', iterations: 2, steps: 3 },
    end('outer_0_inner_1_a'),
  )
  expect([...progress.groups.keys()]).toEqual(['outer'])
  expect(progress.groups.get('outer')).toMatchObject({ loop: { iterations: 2, steps: 8 }, done: 1 })
  expect(progress.total).toBe(9)
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
  followRun(before, end('a'))
  expect([...before.running]).toEqual(['a'])
  expect(before.groups.get('a')?.status).toBe('running')
})

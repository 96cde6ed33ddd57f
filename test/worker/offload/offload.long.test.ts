import { expect, it, onTestFinished, vi } from 'vitest'
import { createOffload, type OffloadOptions } from '../../../src/worker/offload/offload.ts'
import { startThread } from '../../../src/worker/offload/thread.ts'
import { longestPause } from '../../pause.ts'

const file = new URL('./deeds.ts', import.meta.url)
const terms = (more: Partial<OffloadOptions> = {}): OffloadOptions => ({
  share: 'ada',
  deadline: 60_000,
  what: 'Computing this',
  ...more,
})

function open(threads: number, heap?: number) {
  const aside = createOffload(threads, (idle, onIdle) => startThread(idle, onIdle, heap))
  onTestFinished(() => aside.close())
  return (name: string, input?: unknown, more?: Partial<OffloadOptions>) =>
    aside.run({ file, name }, input, terms(more))
}

const flag = () => new Int32Array(new SharedArrayBuffer(4))
const raise = (one: Int32Array) => {
  Atomics.store(one, 0, 1)
  Atomics.notify(one, 0)
}

it('computes in another thread', async () => {
  const run = open(1)
  expect(await run('double', 21)).toEqual({ value: 42, isMainThread: false })
  await expect(run('refuse')).rejects.toMatchObject({
    name: 'InvalidError',
    code: 'refused',
    hint: 'try something else',
  })
  expect(await run('double', 2)).toMatchObject({ value: 4 })
})

it('ends a job at its deadline, replaces the thread, and holds up nobody', async () => {
  const run = open(1)
  const pause = await longestPause(() =>
    expect(run('forever', undefined, { deadline: 300 })).rejects.toMatchObject({
      code: 'too_large',
      terminal: true,
      message: 'Computing this exceeds its limits (the most is 300 ms).',
    }),
  )
  expect(pause).toBeLessThan(300)
  expect(await run('double', 2)).toMatchObject({ value: 4 })
})

it('does not count the time in which a job has no CPU, as on a busy machine', async () => {
  expect(await open(1)('starve', 700, { deadline: 200 })).toBe('done')
})

it('ends a job that uses up its memory', async () => {
  const run = open(1, 64)
  await expect(run('greedy')).rejects.toMatchObject({ code: 'too_large', message: /runs out of memory/ })
  expect(await run('double', 2)).toMatchObject({ value: 4 })
})

it('holds a job to a smaller heap', async () => {
  await expect(open(1, 32)('large')).rejects.toMatchObject({ code: 'too_large' })
  const usual = open(1)
  expect(await usual('large')).toBe(1_000)
  expect(await usual('heap')).toBe(512)
})

it('cancels a job, whether it waits or computes', async () => {
  const run = open(1)
  const [begun, first, second] = [flag(), new AbortController(), new AbortController()]
  const computing = run('forever', begun, { signal: first.signal })
  const waiting = run('forever', undefined, { signal: second.signal })
  await vi.waitUntil(() => Atomics.load(begun, 0) === 1, 60_000)
  second.abort()
  await expect(waiting).rejects.toMatchObject({ name: 'CancelledError' })
  first.abort()
  await expect(computing).rejects.toMatchObject({ name: 'CancelledError' })
  await expect(run('double', 1, { signal: first.signal })).rejects.toMatchObject({ name: 'CancelledError' })
  expect(await run('double', 2)).toMatchObject({ value: 4 })
})

it('keeps a thread free of each share, whatever another one asks for', async () => {
  const run = open(2)
  const go = flag()
  const many = Array.from({ length: 10 }, () => run('until', go))
  expect(await run('double', 2, { share: 'bob' })).toMatchObject({ value: 4 })
  raise(go)
  expect(await Promise.all(many)).toHaveLength(10)
})

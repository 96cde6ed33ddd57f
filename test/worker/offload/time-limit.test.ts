import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createTimeLimit, READER_STRETCH } from '../../../src/worker/offload/time-limit.ts'

/** ms that a thread has computed when the limit ends its job, if it gets that share of a CPU. */
async function computedAtEnd(deadline: number, share: number, stretch?: number): Promise<number> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const begun = performance.now()
  const computed = () => (performance.now() - begun) * share
  const worker = { cpuUsage: async () => ({ user: computed() * 1000, system: 0 }) } as Worker
  let end: number | undefined
  const onExceeded = () => {
    end = computed()
  }
  createTimeLimit(worker, deadline, 0, onExceeded, stretch).count()
  while (end === undefined) await vi.advanceTimersByTimeAsync(1)
  return end
}

test('a job that gets a thirtieth of a CPU may compute as long as any other one', async () => {
  expect(await computedAtEnd(10, 1 / 30)).toBeGreaterThanOrEqual(9)
})

test('a job that computes nothing ends, too', async () => {
  expect(await computedAtEnd(10, 0)).toBe(0)
})

test.each([1, 1 / 3, 1 / 9])('a reader of files may compute its whole time with %d of a CPU', async (share) => {
  expect(await computedAtEnd(100, share, READER_STRETCH)).toBeGreaterThanOrEqual(99)
})

test('a reader of files has ten times its time by the clock, and no more', async () => {
  const [share, deadline] = [1 / 20, 100]
  expect(Math.round((await computedAtEnd(deadline, share, READER_STRETCH)) / share / deadline)).toBe(10)
})

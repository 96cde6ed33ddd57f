import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createTimeLimit } from '../../../src/worker/offload/time-limit.ts'

/** ms that a thread has computed when the limit ends its job, if it gets that share of a CPU. */
async function computedAtEnd(deadline: number, share: number): Promise<number> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const begun = performance.now()
  const computed = () => (performance.now() - begun) * share
  const worker = { cpuUsage: async () => ({ user: computed() * 1000, system: 0 }) } as Worker
  let end: number | undefined
  createTimeLimit(worker, deadline, 0, () => {
    end = computed()
  }).count()
  while (end === undefined) await vi.advanceTimersByTimeAsync(1)
  return end
}

test('a job that gets a thirtieth of a CPU may compute as long as any other one', async () => {
  expect(await computedAtEnd(10, 1 / 30)).toBeGreaterThanOrEqual(9)
})

test('a job that computes nothing ends, too', async () => {
  expect(await computedAtEnd(10, 0)).toBe(0)
})

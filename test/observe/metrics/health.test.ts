import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { judgeHealth, watchHealth } from '../../../src/observe/metrics/health.ts'

const WELL = { eventLoopMs: 20, heapPercent: 40, filesPercent: 1, freeDiskPercent: 60 }

it('is ok within the limits', () => {
  const { status, checks } = judgeHealth({ eventLoopMs: 500, heapPercent: 85, filesPercent: 80, freeDiskPercent: 5 })
  expect(status).toBe('ok')
  expect(checks.map(({ name }) => name)).toEqual(['event-loop', 'heap', 'files', 'disk'])
})

it.each([
  ['event-loop', { eventLoopMs: 501 }],
  ['heap', { heapPercent: 85.1 }],
  ['files', { filesPercent: 80.1 }],
  ['disk', { freeDiskPercent: 4.9 }],
])('%s makes it degraded', (name, reading) => {
  const { status, checks } = judgeHealth({ ...WELL, ...reading })
  expect(status).toBe('degraded')
  expect(checks.filter((one) => one.status === 'degraded').map((one) => one.name)).toEqual([name])
})

it('takes its limits, and omits what the system does not tell', () => {
  const { filesPercent: _, ...readings } = WELL
  const { status, checks } = judgeHealth(readings, { heapPercent: 30 })
  expect(status).toBe('degraded')
  expect(checks).toContainEqual({ name: 'heap', value: 40, limit: 30, status: 'degraded' })
  expect(checks.map(({ name }) => name)).toEqual(['event-loop', 'heap', 'disk'])
})

/** After it each timer of the loop has run: on a busy machine two timers of a program can run in one turn of it. */
async function turn() {
  await new Promise((resolve) => setTimeout(resolve, 50))
  await new Promise((resolve) => setImmediate(resolve))
}

it('reads this process, and sees a stall of its timers', async () => {
  const { look, stop } = watchHealth(tmpdir(), { eventLoopMs: 200, freeDiskPercent: 0, heapPercent: 100 })
  const first = await look()
  expect(first.checks.find(({ name }) => name === 'heap')!.value).toBeGreaterThan(0)
  expect(first.checks.find(({ name }) => name === 'disk')!.value).toBeLessThanOrEqual(100)
  // the measurement has begun: after a first pause that was late, the timers of the test may run before it
  await turn()
  await turn()
  const cpu = () => process.threadCpuUsage().user
  const until = cpu() + 1_100_000
  while (cpu() < until);
  await turn()
  const stalled = await look()
  stop()
  expect(stalled.status).toBe('degraded')
  expect(stalled.checks.find(({ name }) => name === 'event-loop')!.value).toBeGreaterThan(500)
})

it('counts no stall in which this process does not compute', async () => {
  const { look, stop } = watchHealth(tmpdir(), { freeDiskPercent: 0, heapPercent: 100 })
  const cpu = () => process.threadCpuUsage().user + process.threadCpuUsage().system
  const before = cpu()
  await look()
  await turn()
  await turn()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500)
  await turn()
  const { checks } = await look()
  stop()
  // whatever else this thread did meanwhile, such as collecting garbage, it did with this much CPU
  const used = Math.ceil((cpu() - before) / 1000)
  expect(used).toBeLessThan(1_400)
  expect(checks.find(({ name }) => name === 'event-loop')!.value).toBeLessThanOrEqual(used)
})

import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { MetricRegistry } from './registry.ts'

/** Metrics of this process: memory, CPU time, and timer delay. */
export function createProcessMetrics({ read }: MetricRegistry): { stop(): void } {
  // from the first look on
  const delay = monitorEventLoopDelay({ resolution: 20 })
  read('gauge', { name: 'process.memory.usage', help: 'Resident memory.', unit: 'By' }, () =>
    singlePoint(process.memoryUsage.rss()),
  )
  read('gauge', { name: 'v8js.memory.heap.used', help: 'Memory of live and dead objects.', unit: 'By' }, () =>
    singlePoint(process.memoryUsage().heapUsed),
  )
  read(
    'counter',
    { name: 'process.cpu.time', help: 'Processor time of the process, in user and in system mode.', unit: 's' },
    cpuTime,
  )
  read(
    'gauge',
    { name: 'nodejs.eventloop.delay.p99', help: 'How late timers were since the last look.', unit: 's' },
    () => singlePoint(latest(delay)),
  )
  return { stop: () => delay.disable() }
}

const singlePoint = (value: number) => [{ labels: {}, value }]

function cpuTime() {
  const { user, system } = process.cpuUsage()
  return [
    { labels: { 'cpu.mode': 'user' }, value: user / 1e6 },
    { labels: { 'cpu.mode': 'system' }, value: system / 1e6 },
  ]
}

function latest(delay: ReturnType<typeof monitorEventLoopDelay>): number {
  delay.enable()
  const late = delay.percentile(99) / 1e9
  delay.reset()
  return late
}

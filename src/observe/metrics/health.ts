import { readdir, readFile, statfs } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

/** Limits beyond which a process counts as degraded: ms of timer delay (p99) that it caused, else percent. */
export type HealthLimits = {
  readonly eventLoopMs?: number
  readonly heapPercent?: number
  readonly filesPercent?: number
  readonly freeDiskPercent?: number
}

/**
 * The health of a process: `degraded` when a check has crossed its
 * limit. `since`: when it was first seen with this status.
 */
export type ProcessHealth = {
  readonly status: 'ok' | 'degraded'
  readonly checks: readonly HealthCheck[]
  /** ms since the epoch */
  readonly since: number
}

/** One check. `value` in ms for `event-loop`, else in percent; `disk` is what is free. */
type HealthCheck = {
  readonly name: 'event-loop' | 'heap' | 'files' | 'disk'
  readonly status: 'ok' | 'degraded'
  readonly value: number
  readonly limit: number
}

/** Measurements of a process. `files` is absent where the system does not tell them. */
type HealthReadings = {
  readonly eventLoopMs: number
  readonly heapPercent: number
  readonly filesPercent?: number
  readonly freeDiskPercent: number
}

const DEFAULT_LIMITS = { eventLoopMs: 500, heapPercent: 85, filesPercent: 80, freeDiskPercent: 5 }

/** Compares measurements with limits. */
export function judgeHealth(
  readings: HealthReadings,
  limits: HealthLimits = {},
): Pick<ProcessHealth, 'status' | 'checks'> {
  const { eventLoopMs, heapPercent, filesPercent, freeDiskPercent } = { ...DEFAULT_LIMITS, ...limits }
  const check = (name: HealthCheck['name'], value: number, limit: number, isBad: boolean): HealthCheck => ({
    name,
    value,
    limit,
    status: isBad ? 'degraded' : 'ok',
  })
  const atMost = (name: HealthCheck['name'], value: number, limit: number) => check(name, value, limit, value > limit)
  const checks = [
    atMost('event-loop', readings.eventLoopMs, eventLoopMs),
    atMost('heap', readings.heapPercent, heapPercent),
    ...(readings.filesPercent === undefined ? [] : [atMost('files', readings.filesPercent, filesPercent)]),
    check('disk', readings.freeDiskPercent, freeDiskPercent, readings.freeDiskPercent < freeDiskPercent),
  ]
  return { status: checks.some(({ status }) => status === 'degraded') ? 'degraded' : 'ok', checks }
}

/** The thresholds that a process has crossed, as a sentence; empty if there are none. */
export function describeDegradation({ checks }: Pick<ProcessHealth, 'checks'>): string {
  const crossed = checks.filter(({ status }) => status === 'degraded')
  if (crossed.length === 0) return ''
  return `The process is degraded: ${crossed.map(({ name, value, limit }) => `${name} ${value}, limit ${limit}`).join('; ')}.`
}

/** ms for which an answer holds, so that frequent questions do not shorten the window of the timer delay. */
const MAX_AGE_MS = 1_000

/**
 * Watches the health of this process, with the disk of `folder`. The timer delay is measured from the first look on.
 */
export function watchHealth(
  folder: string,
  limits?: HealthLimits,
  read: (folder: string) => Promise<Omit<HealthReadings, 'eventLoopMs'>> = readProcess,
): { look(): Promise<ProcessHealth>; stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  let seen = workOfThread()
  let last: { readonly at: number; readonly health: Promise<ProcessHealth> } | undefined
  let known: Pick<ProcessHealth, 'status' | 'since'> | undefined

  async function look(): Promise<ProcessHealth> {
    delay.enable()
    const now = workOfThread()
    const eventLoopMs = causedDelay(delay.percentile(99) / 1e6, now.cpu - seen.cpu, now.active - seen.active)
    seen = now
    delay.reset()
    const judged = judgeHealth({ eventLoopMs, ...(await read(folder)) }, limits)
    if (known?.status !== judged.status) known = { status: judged.status, since: Date.now() }
    return { ...judged, since: known.since }
  }

  return {
    look() {
      if (last === undefined || performance.now() - last.at > MAX_AGE_MS)
        last = { at: performance.now(), health: look() }
      return last.health
    },
    stop: () => delay.disable(),
  }
}

/** ms of CPU that the main thread has used, and ms in which it was at work or waited for the CPU. */
function workOfThread(): { readonly cpu: number; readonly active: number } {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage()
  return { cpu: (user + system) / 1000, active: performance.eventLoopUtilization().active }
}

/** The part of the delay of timers that this process caused: a busy machine makes them late, too. */
function causedDelay(late: number, cpu: number, active: number): number {
  const share = active > 0 ? Math.min(1, cpu / active) : 1
  return Math.round(Math.min(late * share, cpu))
}

async function readProcess(folder: string): Promise<Omit<HealthReadings, 'eventLoopMs'>> {
  const { used_heap_size, heap_size_limit } = getHeapStatistics()
  const [{ blocks, bavail }, files] = await Promise.all([statfs(folder), readOpenFiles()])
  return {
    heapPercent: percent(used_heap_size, heap_size_limit),
    freeDiskPercent: blocks === 0 ? 100 : percent(bavail, blocks),
    ...(files !== undefined && { filesPercent: files }),
  }
}

const percent = (part: number, whole: number) => Math.round((part / whole) * 1000) / 10

/** Open file descriptors in percent of their limit; undefined where /proc does not tell it. */
async function readOpenFiles(): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined
  const [open, limits] = await Promise.all([readdir('/proc/self/fd'), readFile('/proc/self/limits', 'utf8')])
  const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1])
  return limit > 0 ? percent(open.length, limit) : undefined
}

import { setTimeout as delay } from 'node:timers/promises'

/** ms of CPU. */
export const msOf = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1000

/** ms of CPU that this thread has used; undefined if this Node.js does not tell. */
export const ownCpu = () => process.threadCpuUsage && msOf(process.threadCpuUsage())

/**
 * A job that waits for the CPU of a busy machine gets that time back, up to so many times its deadline: threads have
 * less priority than all else that is at work there.
 */
const MAX_STRETCH = 60
/** The same for what reads files: a file that waits for something else must not hold its place for long. */
export const READER_STRETCH = 10
/** ms to wait for the CPU time of a thread. */
const CPU_ANSWER_MS = 5_000

/** The time of one job in a thread. It stands until `count`. */
export interface TimeLimit {
  count(): void
  pause(): void
}

/**
 * Calls `onExceeded` when a job of the thread or process has computed for `deadline` ms.
 * @param before ms of CPU that it had used when the job began; without it the clock decides
 */
export function createTimeLimit(
  worker: { cpuUsage?(): Promise<NodeJS.CpuUsage> },
  deadline: number,
  before: number | undefined,
  onExceeded: () => void,
  stretch = MAX_STRETCH,
): TimeLimit {
  let timer: NodeJS.Timeout | undefined
  let left = deadline
  let given = deadline
  let since = 0

  function count(): void {
    since = performance.now()
    timer = setTimeout(() => void expire(timer), left)
  }

  function pause(): void {
    clearTimeout(timer)
    timer = undefined
    left -= performance.now() - since
  }

  async function expire(expired: NodeJS.Timeout | undefined): Promise<void> {
    const room = deadline * stretch - given
    const unused = room < 1 ? 0 : Math.min(room, await unusedTime())
    if (timer !== expired) return
    if (unused < 1) return onExceeded()
    left = unused
    given += unused
    count()
  }

  /** 0 if this Node.js does not tell. */
  async function unusedTime(): Promise<number> {
    if (before === undefined || !worker.cpuUsage) return 0
    const used = await Promise.race([
      worker.cpuUsage().catch(() => undefined),
      delay(CPU_ANSWER_MS, undefined, { ref: false }),
    ])
    return used ? deadline - (msOf(used) - before) : 0
  }

  return { count, pause }
}

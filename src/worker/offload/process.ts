import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { is, problemOf } from '../../errors.ts'
import { processWorker } from '../isolation/process.ts'
import { WORKER_LOST } from '../worker.ts'
import type { JobBegun } from './run-job.ts'
import type { JobRequest, JobResult, JobRunner } from './runner.ts'
import { createTimeLimit, msOf, READER_STRETCH, type TimeLimit } from './time-limit.ts'

/**
 * The memory of a process: megabytes of V8's heap, of all that it holds, and of its address space. Node.js reserves
 * 1.3 GB of address space at its start, mostly for code, so a smaller limit would not let it begin.
 */
const LIMITS = { heap: 256, resident: 512, address: 2048 }

/** Node.js needs more address space than expected here, so the watch over resident memory has to be enough. */
let isTooNarrow = false

/** Starts a process that runs one job at a time within a limit of memory. It is killed at its limits. */
export function startJobProcess(idle: number, onIdle: (runner: JobRunner) => void): JobRunner {
  let worker = startWorker()
  let alive = true
  let ends: NodeJS.Timeout | undefined

  async function ask(asked: JobRequest, deadline: number): Promise<JobResult> {
    clearTimeout(ends)
    const stop = new AbortController()
    let limit: TimeLimit | undefined
    let isLate = false
    const begin = (message: unknown) => {
      const { pid, cpu } = message as JobBegun
      const onExceeded = () => {
        isLate = true
        void end()
      }
      limit = createTimeLimit({ cpuUsage: () => cpuOf(pid) }, deadline, msOf(cpu), onExceeded, READER_STRETCH)
      limit.count()
    }
    try {
      return { value: await worker.call!('runInProcess', asked, stop.signal, begin) }
    } catch (error) {
      if (isLate) return { exceeded: 'time' }
      if (!is(error) || error.code !== WORKER_LOST || !alive) return { problem: problemOf(error) }
      if (limit === undefined && !isTooNarrow) {
        isTooNarrow = true
        worker = startWorker()
        return await ask(asked, deadline)
      }
      alive = false
      return lost(String((error.cause as Error).message))
    } finally {
      limit?.pause()
      if (alive) ends = setTimeout(leave, idle).unref()
    }
  }

  async function end(): Promise<void> {
    alive = false
    clearTimeout(ends)
    await worker.retire!()
  }

  function leave(): void {
    onIdle(runner)
    void end()
  }

  const runner: JobRunner = { ask, isAlive: () => alive, end }
  return runner
}

/** The CPU time of a process. Rejects where the system does not tell it, and then the clock decides. */
async function cpuOf(pid: number): Promise<NodeJS.CpuUsage> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { user: Number(fields[11]) * MICROSECONDS_PER_TICK, system: Number(fields[12]) * MICROSECONDS_PER_TICK }
}

const MICROSECONDS_PER_TICK = 10_000

function startWorker() {
  const file = new URL(`./run-job${extname(import.meta.url)}`, import.meta.url)
  const { heap, resident, address } = LIMITS
  const bounds = isTooNarrow ? { resident } : { resident, address }
  return processWorker({ id: 'reader', file, memory: heap, bounds })
}

/** V8 and the watch end a process that runs out of memory by a signal, and so does Linux. */
const lost = (how: string): JobResult =>
  /SIG(?:ABRT|TRAP|ILL|KILL)|code 134/.test(how) ? { exceeded: 'memory' } : { ended: how }

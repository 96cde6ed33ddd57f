import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { attempt } from '../../lib/flow/attempt.ts'
import type { PoolClock } from '../clock.ts'
import { type ReadText, readCgroupLimits } from './cgroup.ts'
import type { MachineLimits } from './topology.ts'

/** Looks at the machine this process runs on. */
export function probeMachine(read: ReadText = readIfThere): MachineLimits {
  const { quotas, memoryLimits } = readCgroupLimits(read)
  const threadsPerCore = siblingsIn(read('/sys/devices/system/cpu/cpu0/topology/thread_siblings_list'))
  return {
    parallelism: availableParallelism(),
    quotas,
    memory: totalmem(),
    memoryLimits: [...memoryLimits, process.constrainedMemory()],
    ...(threadsPerCore !== undefined && { threadsPerCore }),
  }
}

/** `0-1`, `0,4`, `0-1,64-65`: the threads of one core. */
function siblingsIn(text = ''): number | undefined {
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(text.trim())) return undefined
  const ranges = text.split(',').map((range) => range.split('-').map(Number))
  return ranges.reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0)
}

function readIfThere(path: string): string | undefined {
  // most of the files do not exist, and an error costs ten times as much as a look
  if (!existsSync(path)) return undefined
  return attempt(() => readFileSync(path, 'utf8'))
}

/** A function that returns the CPU use of this process since its last call, 0..1. */
export function cpuMeter(cores: number, clock: Pick<PoolClock, 'elapsed'>): () => number {
  let used = process.cpuUsage()
  let at = clock.elapsed()
  return () => {
    const [before, since] = [used, at]
    used = process.cpuUsage()
    at = clock.elapsed()
    const busy = (used.user + used.system - before.user - before.system) / 1000
    return at > since ? Math.min(1, busy / ((at - since) * cores)) : 0
  }
}

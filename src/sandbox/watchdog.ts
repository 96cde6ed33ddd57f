import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type { LimitName, SandboxLimits } from './sandbox.ts'

/** ms between two checks. */
const INTERVAL_MS = 100

type Watchdog = {
  /** gets the process whose tree is bounded */
  readonly watch: (pid: number) => void
  /** aborted once a limit is exceeded */
  readonly signal: AbortSignal
  readonly exceeded: () => LimitName | undefined
  readonly stop: () => void
}

/** Looks periodically whether a limit is exceeded: by `look`, and in memory and processes if no cgroup bounds them. */
export function createWatchdog(
  look: () => Promise<LimitName | undefined>,
  limits: SandboxLimits,
  watchesProcesses: boolean,
): Watchdog {
  const controller = new AbortController()
  const stopped = new AbortController()
  let exceeded: LimitName | undefined
  const watch = async (pid: number) => {
    while (!stopped.signal.aborted && exceeded === undefined) {
      exceeded = (await look()) ?? (watchesProcesses ? await overgrown(pid, limits) : undefined)
      if (exceeded === undefined) await setTimeout(INTERVAL_MS, undefined, { ref: false })
    }
    if (exceeded !== undefined) controller.abort()
  }
  return { watch, signal: controller.signal, exceeded: () => exceeded, stop: () => stopped.abort() }
}

async function overgrown(pid: number, limits: SandboxLimits): Promise<LimitName | undefined> {
  let [memory, processes] = [0, 0]
  const pending = [pid]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    processes += 1
    memory += await residentBytes(next)
    if (memory > limits.memory) return 'memory'
    // the sandbox itself has up to three processes
    if (processes > limits.processes + 3) return 'processes'
    pending.push(...(await childrenOf(next)))
  }
  return undefined
}

const PAGE_BYTES = 4096

async function residentBytes(pid: number): Promise<number> {
  const [, resident = 0, shared = 0] = (await textOf(`/proc/${pid}/statm`)).split(' ').map(Number)
  return (resident - shared) * PAGE_BYTES
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  return (await textOf(`/proc/${pid}/task/${pid}/children`)).trim().split(' ').filter(Boolean).map(Number)
}

const textOf = (path: string) => readFile(path, 'latin1').catch(() => '')

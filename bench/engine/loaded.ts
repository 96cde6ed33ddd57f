import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { readWrites } from '../count/writes.ts'
import { AGAIN, drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import type { Load } from './loads.ts'
import { type OpenTarget, operationOf } from './target.ts'

/** Opens a target and puts the load on it; what is returned does so again, and measures. */
export async function openLoaded(open: OpenTarget, load: Load, task: Task): Promise<() => Promise<Figures>> {
  const target = await open(load, task)
  const operate = operationOf(target, load, task)
  const put = (seconds: number) => drive(load.clients, seconds * 1000, operate)
  const read = () => ({ rows: Number.NaN, commits: Number.NaN, ...target.counts?.(), bytes: writtenBytes() })
  await put(task.warmUp)
  const { traces } = task
  if (traces)
    return async () => {
      const before = await readWrites(traces)
      const { count } = await put(task.seconds)
      return { syncs: ((await readWrites(traces)).syncs - before.syncs) / count }
    }
  return async () => {
    await put(AGAIN * task.seconds)
    const before = read()
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const { count, ...driven } = await put(task.seconds)
    delay.disable()
    const after = read()
    return {
      ...driven,
      delay99: delay.percentile(99) / 1e6,
      bytes: (after.bytes - before.bytes) / count,
      batch: (after.rows - before.rows) / (after.commits - before.commits),
    }
  }
}

/** Bytes this process has sent to the disk so far, as Linux counts them; NaN elsewhere. */
function writtenBytes(): number {
  try {
    return Number(/write_bytes: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
  } catch {
    return Number.NaN
  }
}

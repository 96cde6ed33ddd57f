import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import type { Load } from './loads.ts'
import { type OpenTarget, operationOf } from './target.ts'

/** One load on one target, after a warm-up. */
export async function measureLoad(open: OpenTarget, load: Load, task: Task): Promise<Figures> {
  const target = await open(load, task)
  const operate = operationOf(target, load, task)
  await drive(load.clients, task.seconds * 300, operate)
  const read = () => ({ rows: Number.NaN, commits: Number.NaN, ...target.counts?.(), bytes: writtenBytes() })
  const before = read()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const { count, ...driven } = await drive(load.clients, task.seconds * 1000, operate)
  delay.disable()
  const after = read()
  await target.close()
  return {
    ...driven,
    delay99: delay.percentile(99) / 1e6,
    bytes: (after.bytes - before.bytes) / count,
    batch: (after.rows - before.rows) / (after.commits - before.commits),
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

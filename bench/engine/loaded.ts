import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import type { Load } from './loads.ts'
import { operationOf, type Target } from './target.ts'

/** One load on one target, after a warm-up. */
export async function measureLoad(target: Target, load: Load, { seconds, id }: Task): Promise<Figures> {
  const operate = operationOf(target, load, id)
  await drive(load.clients, seconds * 300, operate)
  const before = { ...target.counts(), written: writtenBytes() }
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const { count, ...driven } = await drive(load.clients, seconds * 1000, operate)
  delay.disable()
  const after = { ...target.counts(), written: writtenBytes() }
  await target.close()
  return {
    ...driven,
    delay99: delay.percentile(99) / 1e6,
    bytes: (after.written - before.written) / count,
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

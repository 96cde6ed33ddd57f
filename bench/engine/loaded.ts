import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import type { Load } from './loads.ts'
import { type OpenTarget, operationOf } from './target.ts'

/** How long a load is put on before it is measured, as a multiple of that time: until code is compiled as well as it will be, and until what lay idle is at work again. */
const WARM_UP = { first: 5, again: 0.25 }

/** Opens a target and puts the load on it; what is returned does so again, and measures. */
export async function openLoaded(open: OpenTarget, load: Load, task: Task): Promise<() => Promise<Figures>> {
  const target = await open(load, task)
  const operate = operationOf(target, load, task)
  const put = (times: number) => drive(load.clients, times * task.seconds * 1000, operate)
  const read = () => ({ rows: Number.NaN, commits: Number.NaN, ...target.counts?.(), bytes: writtenBytes() })
  await put(WARM_UP.first)
  return async () => {
    await put(WARM_UP.again)
    const before = read()
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const { count, ...driven } = await put(1)
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

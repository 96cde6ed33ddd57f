import { AGAIN, drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import type { RunLoad } from './loads.ts'

/** How somebody is made ready to do runs of a load. */
export type OpenRuns = (load: RunLoad, task: Task) => Promise<RunWith>

/** Does one run under an id of its own; resolves with how many steps were done, durable. */
type RunWith = (id: string) => Promise<number>

/** Half of the warm-up is done with runs of so many steps, for one of the load itself may take as long as all of it. */
const SHORT = 10

/** Opens somebody for a load; what is returned measures what a step of a run costs, in whole runs. */
export async function openRuns(open: OpenRuns, load: RunLoad, task: Task): Promise<() => Promise<Figures>> {
  const put = (seconds: number, operate: () => Promise<void>) => drive(load.clients, seconds * 1000, operate)
  await put(task.warmUp / 2, operationOf(await open({ ...load, steps: Math.min(SHORT, load.steps) }, task), 's'))
  const operate = operationOf(await open(load, task), 'r')
  await put(task.warmUp / 2, operate)
  return async () => {
    await put(AGAIN * task.seconds, operate)
    const { perSecond } = await put(task.seconds, operate)
    const steps = perSecond * load.steps
    return { perSecond: steps, microseconds: 1e6 / steps, megabytes: process.resourceUsage().maxRSS / 1000 }
  }

  function operationOf(run: RunWith, sort: string): () => Promise<void> {
    let runs = 0
    const { steps } = sort === 's' ? { steps: Math.min(SHORT, load.steps) } : load
    return async () => {
      const done = await run(`${task.id}-${sort}${runs++}`)
      if (done !== steps) throw new Error(`${done} steps were done instead of ${steps}`)
    }
  }
}

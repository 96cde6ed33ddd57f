import { BusyError, TerminalError } from '../../errors.ts'
import { missingFromAll } from '../capabilities.ts'
import type { PoolClock } from '../clock.ts'
import { NO_ABLE_WORKER, WORKERS_UNHEALTHY } from '../worker.ts'
import type { PoolCounts } from './metrics.ts'
import type { Lane, PoolQueue } from './queue.ts'
import { restingTime } from './slot.ts'
import type { Task } from './task.ts'
import type { WorkerSet } from './workers.ts'

type RefusalOptions = {
  readonly pool: string
  /** the maximum number of waiting tasks */
  readonly most: number
  readonly clock: PoolClock
  readonly counts: PoolCounts
  readonly queue: PoolQueue
  readonly staff: WorkerSet
}

/** The errors for tasks that a pool cannot take. */
interface Refusals {
  /** The error for a task that cannot start at once, if it cannot wait either. */
  ofTask(task: Task<unknown>, lane: Lane): Error | undefined
  /** The error for a task that no worker can do, or for one that hurries when its workers are not healthy. */
  ofHopeless(task: Task<unknown>, lane: Lane): Error | undefined
}

export function createRefusals({ pool, most, clock, counts, queue, staff }: RefusalOptions): Refusals {
  function ofTask(task: Task<unknown>, lane: Lane): Error | undefined {
    const hopeless = ofHopeless(task, lane)
    if (hopeless) return hopeless
    if (queue.size < most) return undefined
    const message = `Pool ${pool} is full: ${counts.running} running, ${queue.size} waiting.`
    return new BusyError(message, { code: 'queue_full' })
  }

  function ofHopeless({ hurries }: Task<unknown>, { needs, posts }: Lane): Error | undefined {
    if (posts.length === 0) return nobodyFor(needs)
    const rest = hurries ? restingTime(posts, clock.elapsed()) : 0
    return rest > 0 ? unwell(rest) : undefined
  }

  function nobodyFor(needs: object): TerminalError {
    const missing = missingFromAll(
      staff.posts.map(({ worker }) => worker),
      needs,
    )
    return new TerminalError(`No worker of pool ${pool} can do this: ${missing}.`, { code: NO_ABLE_WORKER })
  }

  function unwell(delay: number): BusyError {
    return new BusyError(`All workers of pool ${pool} that can do this have failed too often.`, {
      code: WORKERS_UNHEALTHY,
      delay,
    })
  }

  return { ofTask, ofHopeless }
}

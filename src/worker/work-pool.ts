import type { Needs, Offers } from './capabilities.ts'
import { UNKNOWN_OFFERS, unknownNeed } from './capabilities.ts'
import { type PoolClock, poolClock } from './clock.ts'
import type { ModelResources } from './model-resources.ts'
import {
  createModelWorkers,
  isProviderFault,
  isRateLimited,
  type ModelWorker,
  type TotalUsage,
} from './pool/model-workers.ts'
import { createPool, type Pool, type PoolReport } from './pool/pool.ts'
import type { WorkerStats } from './pool/slot.ts'
import type { Task } from './pool/task.ts'
import { type ScaleDecision, scale, UNSCALED } from './scaling/autoscale.ts'
import type { PoolPolicy } from './scaling/policy.ts'
import type { Resource, Worker } from './worker.ts'

/** What needs hands and no model: they are the pool's own, in this thread. */
export const NEEDS_HANDS: Needs = { hands: true }

/** A pool whose size follows its load, with hands of its own and the models that were asked of it. */
export interface WorkPool extends Pool {
  /** who answers where nothing else is said */
  readonly models?: readonly string[]
  /** The worker of a model, made when it is first asked for. */
  employ(model: string): ModelWorker
  /** Takes one sample, and the size that follows from it; `cpu`: 0..1 of the cores. */
  adjust(cpu: number): void
  /** Whether nothing is under way or was turned away of late, and it is as small as it may be. */
  isAtRest(): boolean
  report(): WorkPoolReport
}

/** All that is known of a pool; times in ms since some moment. */
export type WorkPoolReport = Omit<PoolReport, 'each'> &
  TotalUsage & {
    /** what a model took stands with its worker */
    readonly each: readonly (WorkerStats & Partial<TotalUsage>)[]
    readonly min: number
    readonly max: number
    /** those that do not wait in a queue and of late found no place: they come again */
    readonly turnedAway: number
    /** changes of its size, and the last of them */
    readonly resized: number
    readonly last?: ScaleDecision
  }

export type WorkPoolOptions = {
  readonly id: string
  readonly policy: PoolPolicy
  readonly takings: ModelResources
  /** Something begins. */
  wake(): void
  /** What a model offers, as far as is known; absent: nothing is known of any. */
  offersOf?(model: string): Offers
  /** Makes another worker of that id: they are its hands, and its size is how many of them there are. */
  make?(id: string): Worker
  readonly clock?: PoolClock
}

/** A pool that is as small as its policy allows. Its size is for all of its workers together. */
export function createWorkPool(options: WorkPoolOptions): WorkPool {
  const { id, policy, takings, wake, offersOf = () => UNKNOWN_OFFERS, make, clock = poolClock } = options
  const { min, max, queue, ageing, deadline, share, models } = policy
  const cap = createCap(min)
  const hands: Worker = { id: 'hands', kind: 'inline', offers: NEEDS_HANDS, slots: min, resources: [cap] }
  let limited = 0
  const capped = (worker: Worker) => cappedWorker(worker, cap, () => limited++)
  const pool = createPool({
    ...{ id, queue, clock },
    ...(make ? { workers: min, make: (id: string) => capped(make(id)) } : { workers: [hands] }),
    ...(ageing !== undefined && { ageing }),
    ...(share && { shareLimit: limitOf(share) }),
  })
  const employer = createModelWorkers({ pool, cap, takings, offersOf })
  let scaling = UNSCALED
  let resized = 0
  let turnedAway = new Set<string>()
  let before = turnedAway

  function resize(size: number): void {
    cap.size = size
    if (make) pool.resize(size)
    for (const worker of [...(make ? [] : [hands.id]), ...employer.ids()]) pool.resize(size, worker)
  }

  // what may not wait here does so elsewhere: it wants a place all the same
  function noteHurried({ key = '' }: Task<unknown>): void {
    if (cap.free()) turnedAway.delete(key)
    else if (turnedAway.size < queue) turnedAway.add(key)
  }

  function takeTurnedAway(): number {
    before = turnedAway
    turnedAway = new Set()
    return before.size
  }

  function takeLimited(): number {
    const times = limited + employer.takeLimited()
    limited = 0
    return times
  }

  function report(): WorkPoolReport {
    const known = pool.report()
    const { last } = scaling
    const utilisation = known.running / cap.size
    const turned = { turnedAway: Math.max(before.size, turnedAway.size) }
    const each = known.each.map((worker) =>
      worker.kind === 'model' ? { ...worker, ...employer.took(worker.id) } : worker,
    )
    return {
      ...known,
      ...employer.took(),
      each,
      workers: cap.size,
      utilisation,
      min,
      max,
      ...turned,
      resized,
      ...(last && { last }),
    }
  }

  const limit = deadline === undefined ? undefined : { deadline }
  function inLine<T>(task: Task<T>): Task<T> {
    const { needs } = task
    const line = needs && employer.lineOf(needs)
    // what is asked for beside the model is in its line no more
    if (needs && line !== needs && unknownNeed(needs) !== undefined) return task
    return limit || line !== needs ? { ...limit, ...task, ...(line && { needs: line }) } : task
  }

  return {
    ...pool,
    ...(models && { models }),
    submit(task) {
      wake()
      if (task.waits === false) noteHurried(task)
      return pool.submit(inLine(task))
    },
    addWorker: (worker) => pool.addWorker(capped(worker)),
    employ: employer.employ,
    adjust(cpu) {
      const { running, queued: inQueue, oldest } = pool.report()
      const { last } = scaling
      const queued = inQueue + takeTurnedAway()
      const load = { size: cap.size, running, queued, oldest, limited: takeLimited(), cpu }
      scaling = scale(scaling, load, policy, clock.elapsed())
      if (scaling.last === last) return
      resized++
      resize(scaling.last!.to)
    },
    isAtRest() {
      const { running, queued } = pool.stats()
      return running + queued + before.size + turnedAway.size === 0 && cap.size === min
    },
    stats: () => ({ ...pool.stats(), workers: cap.size }),
    report,
  }
}

/** The worker, which takes of the size of its pool, too; whoever asks for a pause makes the pool smaller, and is well. */
function cappedWorker(worker: Worker, cap: Resource, noteLimited: () => void): Worker {
  const { kind, resources = [], call, retire } = worker
  return {
    ...worker,
    resources: [...resources, cap],
    // methods of a class are not among its own fields
    ...(call && { call: call.bind(worker) }),
    ...(retire && { retire: retire.bind(worker) }),
    ...((kind === 'model' || worker.blames) && {
      blames(error: unknown) {
        if (isRateLimited(error)) noteLimited()
        return worker.blames ? worker.blames(error) : isProviderFault(error)
      },
    }),
  }
}

/** What all workers of a pool take of: so they are never more at work than its size, however many models it knows. */
function createCap(size: number): Resource & { size: number } {
  let taken = 0
  const back = () => {
    taken--
  }
  const cap = {
    id: 'size',
    size,
    free: () => taken < cap.size,
    take() {
      taken++
      return back
    },
    // the pool looks again by itself when one of its tasks has ended
    watch: () => () => {},
  }
  return cap
}

const MINUTE = 60_000

function limitOf({ workers, perMinute }: NonNullable<PoolPolicy['share']>) {
  return {
    ...(workers !== undefined && { running: workers }),
    ...(perMinute !== undefined && { rate: { tasks: perMinute, ms: MINUTE } }),
  }
}

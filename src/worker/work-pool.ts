/**
 * Bounded pools. All calls of tools and models pass through a pool, which limits, prioritises and divides them
 * fairly. `pool/` is the queue, `scaling/` chooses sizes, and `offload/` and `isolation/` run code in threads and
 * processes. A pool of work has a worker for each model.
 */

import type { CallResources, ToolUse } from './call-resources.ts'
import { type Needs, type Offers, UNKNOWN_OFFERS, unknownNeed } from './capabilities.ts'
import { type PoolClock, poolClock } from './clock.ts'
import { createModelWorkers, isProviderFault, isRateLimited, type ModelWorker } from './pool/model-workers.ts'
import { createPool, type Pool } from './pool/pool.ts'
import type { Task } from './pool/task.ts'
import type { PoolDocument } from './report.ts'
import { scale, UNSCALED } from './scaling/autoscale.ts'
import type { PoolPolicy } from './scaling/policy.ts'
import type { Resource, Worker } from './worker.ts'

/** Work without a model, which uses the slots of the pool in this thread. */
export const NEEDS_HANDS: Needs = { hands: true }

/** A pool that scales with load, with its own slots, and one worker per model and per set of resources of tools. */
export interface WorkPool extends Pool {
  /** default models of the pool */
  readonly models?: readonly string[]
  /** The worker of a model, created on first use. */
  employ(model: string): ModelWorker
  /** The needs of a tool's call. `names`: those by which rules may mean it; read only if a resource limits tools. */
  handsFor(names: () => readonly string[]): Needs
  /** The needs of a step of a workflow that names a resource. InvalidError if there is none of that name for steps. */
  handsOf(resource: string): Needs
  /** Takes a sample and adjusts the size; `cpu`: the used share of the cores, 0..1. */
  adjust(cpu: number): void
  /** Whether it is idle, has rejected nothing recently, and has its minimum size. */
  isAtRest(): boolean
  /** Its status. The time of the last change of its size is that of a monotonic clock. */
  report(): PoolDocument
}

type WorkPoolOptions = {
  readonly id: string
  readonly policy: PoolPolicy
  readonly takings: CallResources
  /** Called when work starts. */
  wake(): void
  /** The capabilities of a model. Absent or undefined: unknown. */
  offersOf?(model: string): Offers
  /** Creates a worker. The size of the pool is then the number of workers. */
  make?(id: string): Worker
  readonly clock?: PoolClock
}

/** A pool that starts as small as its policy allows. Its size is that of all its workers together. */
export function createWorkPool(options: WorkPoolOptions): WorkPool {
  const { id, policy, takings, wake, offersOf = () => UNKNOWN_OFFERS, make, clock = poolClock } = options
  const { min, max, queue, ageing, deadline, share, models } = policy
  const cap = createCap(min, max)
  const hands: Worker = { id: 'hands', kind: 'inline', offers: NEEDS_HANDS, slots: min, resources: [cap] }
  let limited = 0
  const capped = (worker: Worker) => cappedWorker(worker, cap, () => limited++)
  const pool = createPool({
    id,
    queue,
    clock,
    ...(make ? { workers: min, make: (id: string) => capped(make(id)) } : { workers: [hands] }),
    ...(ageing !== undefined && { ageing }),
    ...(share && { shareLimit: limitOf(share) }),
  })
  const employer = createModelWorkers({ pool, cap, takings, offersOf })
  const tools = createToolWorkers(pool, cap, takings)
  let scaling = UNSCALED
  let resized = 0

  function resize(size: number): void {
    cap.size = size
    if (make) pool.resize(size)
    for (const worker of [...(make ? [] : [hands.id]), ...employer.ids(), ...tools.ids()]) pool.resize(size, worker)
  }

  function takeLimited(): number {
    const times = limited + employer.takeLimited()
    limited = 0
    return times
  }

  function report(): PoolDocument {
    const known = pool.report()
    const { last } = scaling
    const utilisation = known.running / cap.size
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
      resized,
      ...(last && { last }),
    }
  }

  const limit = deadline === undefined ? undefined : { deadline }

  return {
    ...pool,
    ...(models && { models }),
    submit(task) {
      wake()
      return pool.submit(inLine(task, employer, limit))
    },
    addWorker: (worker) => pool.addWorker(capped(worker)),
    employ: employer.employ,
    handsFor: tools.handsFor,
    handsOf: tools.handsOf,
    adjust(cpu) {
      const { running, queued, oldest } = pool.report()
      const { last } = scaling
      const load = { size: cap.size, running, queued, oldest, limited: takeLimited(), cpu }
      scaling = scale(scaling, load, policy, clock.elapsed())
      if (scaling.last === last) return
      resized++
      resize(scaling.last!.to)
    },
    isAtRest() {
      const { running, queued } = pool.stats()
      return running + queued === 0 && cap.size === min
    },
    stats: () => ({ ...pool.stats(), workers: cap.size }),
    report,
  }
}

/** The task in the line of its model, with the deadline of the pool unless it has its own. */
function inLine<T>(
  task: Task<T>,
  employer: Pick<ReturnType<typeof createModelWorkers>, 'lineOf'>,
  limit: Pick<Task<T>, 'deadline'> | undefined,
): Task<T> {
  const { needs } = task
  const line = needs && employer.lineOf(needs)
  // requirements beyond the model were checked when it joined its line
  if (needs && line !== needs && unknownNeed(needs) !== undefined) return task
  return limit || line !== needs ? { ...limit, ...task, ...(line && { needs: line }) } : task
}

/** Workers for the calls of tools that use a resource: one for each set of resources. */
function createToolWorkers(pool: Pool, cap: ReturnType<typeof createCap>, takings: CallResources) {
  const users = new Map<string, Needs>()

  function hire(id: string, { name, resources }: ToolUse): Needs {
    const needs = { uses: [name] }
    pool.addWorker({ id, kind: 'inline', offers: needs, slots: cap.size, resources: [cap, ...resources] })
    users.set(id, needs)
    return needs
  }

  function handsOf(use: ToolUse): Needs {
    const id = `tools of ${use.name}`
    return users.get(id) ?? hire(id, use)
  }

  return {
    ids: () => users.keys(),
    handsFor(names: () => readonly string[]): Needs {
      const use = takings.limitsTools ? takings.ofTool(names()) : undefined
      return use ? handsOf(use) : NEEDS_HANDS
    },
    handsOf: (resource: string) => handsOf(takings.ofStep(resource)),
  }
}

/** Also takes a slot of the pool. A rate limit makes the pool smaller and does not count against the worker. */
function cappedWorker(worker: Worker, cap: Resource, noteLimited: () => void): Worker {
  const { kind, resources = [], call, retire } = worker
  return {
    ...worker,
    resources: [...resources, cap],
    // methods of a class are not own properties
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

/** Shared by all workers of a pool, so that its size limits their sum, however many models it serves. */
function createCap(size: number, most: number): Resource & { size: number } {
  let taken = 0
  const back = () => {
    taken--
  }
  const cap = {
    id: '',
    size,
    // a pool may have been resized beyond its bounds
    get places() {
      return Math.max(cap.size, most)
    },
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

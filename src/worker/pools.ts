import { NotFoundError } from '../errors.ts'
import { createCallResources, type KeepStarts } from './call-resources.ts'
import type { Offers } from './capabilities.ts'
import { type PoolClock, poolClock } from './clock.ts'
import { GENERAL_DOMAIN, type PoolName, poolId } from './pool-id.ts'
import type { ResourceStats } from './report.ts'
import { createScaleController, quietClock } from './scaling/controller.ts'
import { cpuMeter } from './scaling/machine-probe.ts'
import type { PoolPolicy, ResourceSettings } from './scaling/policy.ts'
import { createWorkPool, type WorkPool } from './work-pool.ts'
import type { Worker } from './worker.ts'

/** A request for a pool. `reduced`: the data was converted to text. */
export type PoolWanted = PoolName & { readonly reduced?: boolean }

/** The pool that was found, and all ids that were looked up before. */
type PoolFound = { readonly pool: WorkPool; readonly trace: readonly string[] }

export interface Pools {
  /**
   * The pool for this work, created on first use. Falls back to the pool without the domain, then
   * to text if the data was reduced to text.
   * @throws NotFoundError `pool_not_found` that lists the tried ids
   */
  find(wanted: PoolWanted): PoolFound
  /** The ids that `find` looks up, in their order, and whether a pool may have each. Creates none. */
  ladder(wanted: PoolWanted): readonly { readonly id: string; readonly exists: boolean }[]
  /** The pool of an id, created on first use. Undefined if the id is not allowed. */
  get(id: string): WorkPool | undefined
  /** The pools created so far. */
  all(): readonly WorkPool[]
  resources(): readonly ResourceStats[]
  /** Accepts no more work; resolves when all accepted work has ended. */
  close(options?: { readonly deadline?: number }): Promise<void>
}

export type PoolsOptions = {
  policy(id: string): PoolPolicy
  /** Whether a pool with that id may exist. */
  exists(id: string): boolean
  /** Creates workers for a pool; absent: the pool uses its own slots in this thread. */
  maker?(id: string): ((worker: string) => Worker) | undefined
  readonly resources?: { readonly [name: string]: ResourceSettings }
  /** Keeps the starts of each resource with a rate limit. Absent: they count in this process alone. */
  readonly keepStarts?: KeepStarts
  /** cores available to this process */
  readonly cores?: number
  /** The capabilities of a model. Absent or undefined: unknown. */
  offersOf?(model: string): Offers
  /** Wraps a new pool. */
  dress?(pool: WorkPool): WorkPool
  /** The CPU use since the last call, 0..1; absent: measured from the process. */
  cpu?(): number
  readonly clock?: PoolClock
}

/** Creates pools on demand. A shared tick scales all of them with their load. */
export function createPools(options: PoolsOptions): Pools {
  const { policy, exists, resources = {}, cores = 1, offersOf, dress = (pool) => pool, maker } = options
  const { clock = poolClock } = options
  const { cpu = cpuMeter(cores, clock) } = options
  const takings = createCallResources(resources, clock, options.keepStarts)
  const known = { takings, clock, ...(offersOf && { offersOf }) }
  const pools = new Map<string, WorkPool>()
  const controller = createScaleController({ pools: () => pools.values(), cpu, clock: options.clock ?? quietClock })

  function make(id: string): WorkPool {
    const made = maker?.(id)
    const pool = dress(
      createWorkPool({ ...known, id, policy: policy(id), wake: controller.wake, ...(made && { make: made }) }),
    )
    pools.set(id, pool)
    return pool
  }

  const get = (id: string) => pools.get(id) ?? (exists(id) ? make(id) : undefined)

  return {
    find(wanted) {
      const trace: string[] = []
      for (const id of ladder(wanted)) {
        trace.push(id)
        const pool = get(id)
        if (pool) return { pool, trace }
      }
      throw new NotFoundError(`No pool for ${wanted.phase} of ${wanted.modality}: tried ${trace.join(', ')}.`, {
        code: 'pool_not_found',
        hint: `Configure one of them under \`pools:\` in antiphon.yaml.`,
      })
    },
    ladder: (wanted) => ladder(wanted).map((id) => ({ id, exists: pools.has(id) || exists(id) })),
    get,
    all: () => [...pools.values()],
    resources: takings.stats,
    async close(options) {
      controller.close()
      await Promise.all([...pools.values()].map((pool) => pool.close(options)))
      takings.close()
    },
  }
}

/** The candidate ids, without duplicates. */
function ladder({ phase, modality, domain = GENERAL_DOMAIN, reduced = false }: PoolWanted): readonly string[] {
  return [
    ...(domain === GENERAL_DOMAIN ? [] : [poolId({ phase, modality, domain })]),
    poolId({ phase, modality }),
    ...(reduced && modality !== 'text' ? [poolId({ phase, modality: 'text' })] : []),
  ]
}

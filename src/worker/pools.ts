import { NotFoundError } from '../errors.ts'
import type { Offers } from './capabilities.ts'
import { type PoolClock, poolClock } from './clock.ts'
import { createModelResources } from './model-resources.ts'
import { GENERAL_DOMAIN, type PoolName, poolId } from './pool-id.ts'
import type { ResourceStats } from './resources.ts'
import { createScaleController, quietClock } from './scaling/controller.ts'
import { cpuMeter } from './scaling/machine-probe.ts'
import type { PoolPolicy, ResourceSettings } from './scaling/policy.ts'
import { createWorkPool, type WorkPool } from './work-pool.ts'
import type { Worker } from './worker.ts'

/** What a pool is looked for; `reduced`: whatever it was, it is text by now. */
export type PoolWanted = PoolName & { readonly reduced?: boolean }

/** The pool that was found, and each id that was looked up on the way. */
export type PoolFound = { readonly pool: WorkPool; readonly trace: readonly string[] }

/** All pools of a process. */
export interface Pools {
  /**
   * The pool that works for that, made when it is first asked for: its own, else the one without its domain, else that for text where it was
   * reduced to text. NotFoundError `pool_not_found` with all that was tried.
   */
  find(wanted: PoolWanted): PoolFound
  /** The pool of that id, made when it is first asked for; undefined where there may be none. */
  get(id: string): WorkPool | undefined
  /** Those that were made. */
  all(): readonly WorkPool[]
  resources(): readonly ResourceStats[]
  /** Takes nothing more; resolves when all that was taken has ended. */
  close(options?: { readonly deadline?: number }): Promise<void>
}

export type PoolsOptions = {
  policy(id: string): PoolPolicy
  /** Whether there may be a pool of that id. */
  exists(id: string): boolean
  /** Who makes the workers of the pool of that id; absent: it has hands of its own. */
  maker?(id: string): ((worker: string) => Worker) | undefined
  readonly resources?: { readonly [name: string]: ResourceSettings }
  /** what this process may use */
  readonly cores?: number
  /** What a model offers, as far as is known; absent: nothing is known of any. */
  offersOf?(model: string): Offers
  /** What stands before a pool once it is made. */
  dress?(pool: WorkPool): WorkPool
  /** How much of the cores was used since it was last asked, 0..1; absent: what the process says. */
  cpu?(): number
  readonly clock?: PoolClock
}

/** Pools that are made when they are asked for; one tick lets the sizes of all of them follow their load. */
export function createPools(options: PoolsOptions): Pools {
  const { policy, exists, resources = {}, cores = 1, offersOf, dress = (pool) => pool, maker } = options
  const { clock = poolClock } = options
  const { cpu = cpuMeter(cores, clock) } = options
  const takings = createModelResources(resources, clock)
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
      throw new NotFoundError(`no pool for ${wanted.phase} of ${wanted.modality}: tried ${trace.join(', ')}`, {
        code: 'pool_not_found',
        hint: `Name one of them under \`pools:\` in antiphon.yaml.`,
      })
    },
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

/** Each id once: what is wanted of no domain is one id, and of text no other text is looked for. */
function ladder({ phase, modality, domain = GENERAL_DOMAIN, reduced = false }: PoolWanted): readonly string[] {
  return [
    ...(domain === GENERAL_DOMAIN ? [] : [poolId({ phase, modality, domain })]),
    poolId({ phase, modality }),
    ...(reduced && modality !== 'text' ? [poolId({ phase, modality: 'text' })] : []),
  ]
}

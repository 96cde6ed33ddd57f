import { InvalidError, NotFoundError } from '../errors.ts'
import type { PoolClock } from './clock.ts'
import { createPools as createAllPools } from './pools.ts'
import { type PoolSizes, sizesOf } from './scaling/default-sizes.ts'
import { probeMachine } from './scaling/machine-probe.ts'
import { type PoolPolicy, type PoolSettings, policyOf } from './scaling/policy.ts'
import { topologyOf } from './scaling/topology.ts'
import type { WorkPool } from './work-pool.ts'
import type { Worker } from './worker.ts'

/** Settings of a pool in `antiphon.yaml`, times in seconds, and a factory for its workers. */
export type OwnPoolSettings = Omit<PoolSettings, 'models'> & {
  /** Creates another worker with that id, such as a thread; absent: tasks run in this thread and on added workers. */
  readonly make?: (id: string) => Worker
}

/** A pool that scales with its load. Its size is that of all its workers together. */
export type ScaledPool = Omit<WorkPool, 'models' | 'employ' | 'handsFor' | 'adjust' | 'isAtRest' | 'resize'>

/** Pools of a program, by id. */
export interface ScaledPools {
  /** The pool of an id, created on first use. NotFoundError `pool_not_found` for an unknown id. */
  get(id: string): ScaledPool
  /** The pools created so far. */
  all(): readonly ScaledPool[]
  /** Accepts no more work; resolves when all accepted work has ended, at most `deadline` ms later. */
  close(options?: { readonly deadline?: number }): Promise<void>
}

/** Options of a set of scaled pools. */
export type ScaledPoolsOptions = {
  /** the possible pools, by id */
  readonly pools: { readonly [id: string]: OwnPoolSettings }
  /** defaults for all pools */
  readonly pool?: Omit<PoolSettings, 'models'>
  /** cores for the program, also a fraction; absent: detected */
  readonly cores?: number
  readonly clock?: PoolClock
}

/**
 * The sizes that suit this machine, for pools and threads of your own. A runtime takes the same. `cores` replaces the
 * detected number, and may be a fraction.
 * @throws InvalidError if `cores` is not a number of cores
 */
export function machineSizes({ cores }: { readonly cores?: number } = {}): PoolSizes {
  return sizesOf(topologyOf(probeMachine(), cores))
}

/**
 * Pools by id that scale like those of a runtime: between `min` and `max`, by queue length, rate
 * limits of providers and free CPU. The machine sets missing bounds.
 * @throws InvalidError for bounds that are not whole numbers from 1, or in the wrong order
 */
export function createPools({ pools, pool: all = {}, cores: said, clock }: ScaledPoolsOptions): ScaledPools {
  const topology = topologyOf(probeMachine(), said)
  const { actions, threads } = sizesOf(topology)
  const entries = Object.entries(pools).map(([id, { make, ...own }]) => {
    const policy = policyOf(own, all, make ? threads : actions)
    checkBounds(id, policy)
    return [id, { policy, make }] as const
  })
  const known = new Map(entries)
  const made = createAllPools({
    policy: (id) => known.get(id)!.policy,
    maker: (id) => known.get(id)!.make,
    exists: (id) => known.has(id),
    cores: topology.cores,
    ...(clock && { clock }),
  })
  return {
    get(id) {
      const pool = made.get(id)
      if (!pool) throw noPool(id, [...known.keys()])
      return pool
    },
    all: made.all,
    close: made.close,
  }
}

function checkBounds(id: string, { min, max }: PoolPolicy): void {
  if ([min, max].every((size) => Number.isSafeInteger(size) && size >= 1) && min <= max) return
  throw new InvalidError(`Pool ${id} has from ${min} to ${max} workers.`, {
    place: { path: `pools.${id}` },
    hint: 'Both must be whole numbers, 1 or more, and `min` at most `max`.',
  })
}

function noPool(id: string, ids: readonly string[]): NotFoundError {
  return new NotFoundError(`There is no pool ${id}.`, {
    code: 'pool_not_found',
    hint: `The pools are: ${ids.slice(0, 20).join(', ')}.`,
  })
}

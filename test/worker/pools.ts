import type { Models } from '../../src/model/models.ts'
import { createPools, type Pools, type PoolsOptions } from '../../src/worker/pools.ts'
import { type PoolSettings, policyOf } from '../../src/worker/scaling/policy.ts'
import type { WorkPool } from '../../src/worker/work-pool.ts'

/** Pools of that size, of any id. */
export function poolsOf(settings: PoolSettings, more: Partial<PoolsOptions> = {}): Pools {
  const policy = () => policyOf({}, settings, { min: 4, max: 4 })
  return createPools({ policy, exists: () => true, cpu: () => 0, ...more })
}

/** The pool of steps, of that size. */
export function stepPool(workers: number, queue: number): WorkPool {
  return poolsOf({ workers, queue }).find({ phase: 'step', modality: 'text' }).pool
}

/** The pool of steps that knows what is said of models. */
export function poolFor({ offersOf }: Pick<Models, 'offersOf'>, workers = 4): WorkPool {
  return poolsOf({ workers }, { offersOf }).find({ phase: 'step', modality: 'text' }).pool
}

/** What else belongs to models of a test. */
export const NAMELESS = {
  find: () => undefined,
  default: { id: 'test/model', offline: false, why: 'it is a test' },
} as const

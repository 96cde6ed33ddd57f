import type { Pools } from '../../worker/pools.ts'
import type { ResourceStats } from '../../worker/resources.ts'
import type { Decision } from '../../worker/scaling/autoscale.ts'
import type { WorkPoolReport } from '../../worker/work-pool.ts'

/** A pool as it is shown: all that is known of it, with times in ms; `last` is the last change of its size, its `at` in ms since the epoch. */
export type PoolDocument = Omit<WorkPoolReport, 'last'> & { readonly last?: Decision }

/** The pools of a runtime, and what they share. */
export type PoolsDocument = { readonly items: readonly PoolDocument[]; readonly resources: readonly ResourceStats[] }

/** Shows pools. */
export function describePools(pools: Pools): PoolsDocument {
  return { items: pools.all().map((pool) => documentOf(pool.report())), resources: pools.resources() }
}

function documentOf({ last, ...report }: WorkPoolReport): PoolDocument {
  return { ...report, ...(last && { last: { ...last, at: Math.round(performance.timeOrigin + last.at) } }) }
}

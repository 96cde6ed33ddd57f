import { amountOf } from '../../budget/money.ts'
import type { CompiledPipeline } from '../../pipeline/plan/compiled.ts'

/** A budget that a call is paid out of; `limit`: what holds where nothing was set for it, in millionths of a dollar. */
export type Purse = { readonly scope: string; readonly limit?: number; readonly owner: string }

/** The budget of a scope. */
export function purse(scope: string, owner: string, limit?: number): Purse {
  return { scope, owner, ...(limit !== undefined && { limit }) }
}

/** The budgets of a run: its own, and those of all runs of its pipeline, which says what holds for them. */
export function pursesOfRun(
  scope: string,
  owner: string,
  { id, costLimits = {} }: Pick<CompiledPipeline, 'id' | 'costLimits'>,
): readonly Purse[] {
  const limit = (dollars: number | undefined) => (dollars === undefined ? undefined : amountOf(dollars))
  const { run, day, hour } = costLimits
  return [
    purse(scope, owner, limit(run)),
    purse(`pipeline/${owner}/${id}`, owner),
    purse(`pipeline-day/${owner}/${id}`, owner, limit(day)),
    purse(`pipeline-hour/${owner}/${id}`, owner, limit(hour)),
  ]
}

import { z } from 'zod'
import { maybe, type Plain } from '../../document.ts'
import { SCOPE_FORMS } from '../scope.ts'

const amount = z.number().meta({ description: 'dollars' })

export const budget = z
  .object({
    scope: z.string().meta({ description: SCOPE_FORMS.map((form) => `\`${form}\``).join(', ') }),
    owner: z.string(),
    limit: amount,
    spent: amount,
    tokens: maybe(z.number()).meta({ description: 'tokens of the calls that were settled' }),
    reserved: amount.meta({ description: 'dollars held for running calls: their maximum cost' }),
    calls: z.number(),
    repeated: z.number().meta({ description: 'calls repeated after a crash; each is charged once' }),
    waiting: z.array(z.object({ by: z.string(), amount })).meta({ description: 'work that waits for this budget' }),
    period: maybe(z.string()).meta({ description: 'the day or hour of a periodic budget, in UTC' }),
  })
  .meta({ id: 'Budget' })

const sums = {
  cost: amount,
  calls: z.number(),
  tokens: z.number().meta({ description: 'tokens of the calls that were settled' }),
}

const costSum = z
  .object({
    name: maybe(z.string()).meta({ description: 'absent: calls without an agent, or of tools without a model' }),
    ...sums,
  })
  .meta({ id: 'CostSum' })

export const cost = z
  .object({
    since: maybe(z.string()).meta({ description: 'the first UTC day for which sums are kept; absent: there are none' }),
    total: z.object(sums),
    items: z.array(costSum).meta({ description: 'the largest first; by day, the newest first' }),
  })
  .meta({ id: 'Cost' })

/** The sum of an owner, an agent, a model or a day, in dollars. */
export type CostSum = Plain<typeof costSum>

/** The sums of what budgets booked since a day, in all and told apart by `by`. Calls without a budget are not in it. */
export type Cost = Plain<typeof cost>

/**
 * A budget in dollars. A scope is `run/ID`, `thread/NAME`, `owner/NAME` or `pipeline/OWNER/ID` (all
 * runs of a pipeline). `owner-day/`, `owner-hour/`, `pipeline-day/` and `pipeline-hour/` restart
 * with each day or hour (UTC).
 */
export type Budget = Plain<typeof budget>

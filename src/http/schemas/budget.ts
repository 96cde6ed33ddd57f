import { z } from 'zod'
import { SCOPE_FORMS } from '../../budget/scope.ts'
import type { Budget } from '../../runtime/ports/budgets.ts'
import { maybe } from './basic.ts'

/** An amount of money. */
export const dollars = z.number().min(0).max(1_000_000_000).meta({ description: 'dollars' })

const amount = z.number().meta({ description: 'dollars' })

/** A budget as it stands. */
export const budget: z.ZodType<Budget> = z
  .object({
    scope: z.string().meta({ description: SCOPE_FORMS.map((form) => `\`${form}\``).join(', ') }),
    owner: z.string(),
    ...{ limit: amount, spent: amount },
    reserved: amount.meta({ description: 'dollars, for calls under way: the most that they may cost' }),
    calls: z.number(),
    repeated: z.number().meta({ description: 'calls that were begun again after a crash, and are counted once' }),
    waiting: z.array(z.object({ by: z.string(), amount })).meta({ description: 'who waits for money' }),
    period: maybe(z.string()).meta({ description: 'of a budget per day or hour: which one, in UTC' }),
  })
  .meta({ id: 'Budget' })

import { is, type Problem, TerminalError } from '../errors.ts'
import type { Priority } from '../lib/priority.ts'
import { prioritySchema } from '../lib/priority-schema.ts'

/**
 * A budget without enough money: its scope, the maximum cost of the call (millionths of a dollar),
 * the id of the call, and how urgent it is (absent: normal).
 */
export type BudgetShortfall = {
  readonly scope: string
  readonly amount: number
  readonly call?: string
  readonly priority?: Priority
}

/** The code of an error that a budget has too little for a call. The caller waits until it has enough. */
const OUT_OF_MONEY = 'out_of_money'

/** The error of a budget that has too little. */
export function outOfMoney(message: string, shortfall: BudgetShortfall, hint?: string): TerminalError {
  return new TerminalError(message, { code: OUT_OF_MONEY, data: shortfall, hint })
}

/** The shortfall that an error or a problem reports; undefined for any other. */
export const shortfallOf = (error: unknown): BudgetShortfall | undefined => (is(error) ? shortfallIn(error) : undefined)

/** The shortfall in a problem; undefined for any other problem. */
export function shortfallIn({ code, data }: Pick<Problem, 'code' | 'data'>): BudgetShortfall | undefined {
  if (code !== OUT_OF_MONEY || typeof data?.scope !== 'string' || typeof data.amount !== 'number') return undefined
  const { scope, amount, call } = data
  const { data: priority } = prioritySchema.safeParse(data.priority)
  return { scope, amount, ...(typeof call === 'string' && { call }), ...(priority && { priority }) }
}

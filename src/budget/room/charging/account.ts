import { problemOf } from '../../../errors.ts'
import { failedUsageOf, NO_USAGE } from '../../../model/cost/usage.ts'
import type { CallPayer, GenerateOptions, Usage } from '../../../model/request/request.ts'
import { amountOf } from '../../money.ts'
import type { ChargedBudget } from './charged-budgets.ts'
import type { Reservations } from './reservations.ts'

/** The budgets that pay for a call. */
export type Account = {
  readonly budgets: readonly ChargedBudget[]
  /**
   * Reserves the maximum cost, runs the call and charges the actual cost. A failed call is charged
   * `spent(error)`, or nothing if it was cancelled before.
   */
  pay<Reply extends { readonly cost?: number; readonly usage?: Usage }>(
    worst: number,
    call: () => Promise<Reply>,
    spent: (error: unknown) => number,
  ): Promise<Reply>
}

/** The account of a payer, who has these budgets. A call that may not leave yet is not begun: it costs nothing. */
export function accountOf(
  reservations: Reservations,
  payer: CallPayer,
  budgets: readonly ChargedBudget[],
  { signal, whenDurable, model }: Pick<GenerateOptions, 'signal' | 'whenDurable'> & { readonly model?: string },
): Account {
  return {
    budgets,
    async pay(worst, call, spent) {
      await reservations.reserve(payer, budgets, worst, model)
      let isBegun = false
      try {
        await whenDurable?.()
        isBegun = !signal.aborted
        const reply = await call()
        await reservations.settle(payer, budgets, amountOf(reply.cost ?? 0), tokensIn(reply.usage))
        return reply
      } catch (error) {
        const amount = isBegun ? spent(error) : 0
        await reservations.settle(payer, budgets, amount, tokensIn(failedUsageOf(error)?.usage))
        throw error
      }
    },
  }
}

const tokensIn = ({ input, output }: Pick<Usage, 'input' | 'output'> = NO_USAGE) => input + output

/** Whether the cost of a call is unknown: it was interrupted, or its reply cannot be read. */
export function isBrokenOff(error: unknown, { signal }: { readonly signal: AbortSignal }): boolean {
  const { code } = problemOf(error)
  return signal.aborted || BROKEN_OFF.includes(code) || (code === 'model_invalid_output' && !failedUsageOf(error))
}

const BROKEN_OFF: readonly string[] = ['timeout', 'model_timeout']

import { amountOf } from '../../budget/money.ts'
import type { CallPayer } from '../../model/request/request.ts'
import type { PaidCall } from '../../tool/tool.ts'
import { accountOf, isBrokenOff } from './account.ts'
import type { Lender } from './reservations.ts'

/**
 * Charges the calls of tools to budgets: the cost is reserved before a call and charged after it. A call that failed costs nothing, one that
 * ended in the middle costs all.
 * @throws `out_of_money` if a budget lacks money
 */
export function payingTools(lender: Lender) {
  return async <Made>(payer: CallPayer, { cost, signal, call }: PaidCall<Made>): Promise<Made> => {
    const purses = cost === 0 ? [] : await lender.pursesOf(payer)
    if (purses.length === 0) return call()
    const worst = amountOf(cost)
    const act = async () => ({ made: await call(), cost })
    const account = accountOf(lender, payer, purses, signal)
    return (await account.pay(worst, act, (error) => (isBrokenOff(error, { signal }) ? worst : 0))).made
  }
}

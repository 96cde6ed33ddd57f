import type { BudgetState } from '../budget/state.ts'
import { nameOf } from '../kernel/ref.ts'
import type { ActorRef } from '../kernel/types.ts'
import { moneyWait } from './wait.ts'

/** The index field of work that the inbox lists. Such work also has the field `since`: the start of its wait. */
export const IN_INBOX = { inbox: 1 } as const

/** The index fields of work that has waited for people since then (ms since the epoch). */
export const inboxSince = (since: number) => ({ inbox: 1, since })

/** The fields of an item that waits for money: it continues when the budget is raised. */
export const needsMoney = (scope: string) => ({ signal: moneyWait(scope), expects: { type: 'money' } }) as const

/** The fields of an item that continues by itself. */
export const NEEDS_NOTHING = { expects: { type: 'nothing' } } as const

/** Whether a budget still has an actor wait. An actor that has got money is working. */
export function isShortOfMoney(budget: Partial<BudgetState> | undefined, of: ActorRef): boolean {
  return budget?.waiting?.some(({ by }) => by === nameOf(of)) ?? false
}

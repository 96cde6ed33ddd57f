import { nameOf } from '../kernel/ref.ts'
import type { ActorRef, Effects, Send, Turn } from '../kernel/types.ts'
import { budgetRef } from './scope.ts'
import type { BudgetShortfall } from './shortfall.ts'

/** Asks the budget for a message, with this correlation id, when there is enough money. */
export function reserveMessage(
  { scope, amount, call, priority }: BudgetShortfall,
  { self, message }: Effects,
  work: string,
): Send {
  const about = { ...(call !== undefined && { call }), ...(priority && { priority }) }
  const body = { type: 'wait', id: message.id, by: nameOf(self), amount, ...about }
  return { to: budgetRef(scope), body, replyTo: self, correlationId: work }
}

/** Tells the budget that its borrower no longer waits. `work`: the correlation id under which it waited. */
export function releaseMessage(scope: string, self: ActorRef, work: string): Send {
  return { to: budgetRef(scope), body: { type: 'release', by: nameOf(self) }, correlationId: `${work}.release` }
}

/** Whether a message comes from a budget. */
export const isFromBudget = (from: ActorRef | null | undefined): boolean => from?.kind === 'budget'

/** The budget has too many waiters: it is asked again later. */
export const RETRY_TIMER: Pick<Turn, 'timers'> = { timers: { retry: { delay: 60_000, body: { type: 'retry' } } } }

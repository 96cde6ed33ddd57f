import { levelOf } from '../../lib/priority.ts'
import type { BudgetWaiter } from './state.ts'

/** A waiter that has been overtaken this often keeps its place, so none waits forever. */
const MAX_OVERTAKEN = 8

/** The waiters with a new one, which goes before the less urgent ones at the end of the list. Pure. */
export function joinWaiting(waiting: readonly BudgetWaiter[], waiter: BudgetWaiter): readonly BudgetWaiter[] {
  const stays = ({ priority, overtaken = 0 }: BudgetWaiter) =>
    levelOf(priority) <= levelOf(waiter.priority) || overtaken >= MAX_OVERTAKEN
  const place = waiting.findLastIndex(stays) + 1
  const passed = waiting.slice(place).map((one) => ({ ...one, overtaken: (one.overtaken ?? 0) + 1 }))
  return [...waiting.slice(0, place), waiter, ...passed]
}

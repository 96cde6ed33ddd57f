import type { Json } from '../kernel/json.ts'
import { parseRef } from '../kernel/ref.ts'
import type { Effects, Envelope, Send, Turn } from '../kernel/types.ts'
import { present } from '../lib/json/present.ts'
import type { Granted } from './messages.ts'
import { periodAt, periodEnd } from './period.ts'
import { grantWaiting } from './reservation.ts'
import { readScope } from './scope.ts'
import { type BudgetState, heldPart, indexOf, type Reservation } from './state.ts'

/** Ends a turn of a budget: reserves for each waiter that it can grant now, and notifies it. */
export function turnWithGrants(
  before: BudgetState,
  effects: Effects,
): Turn<BudgetState> & { readonly parts: { [name: string]: Json }; readonly send: readonly Send[] } {
  const { limit, standing, spent, reserved, tokens, calls, repeated, waiting, owner, period } = before
  const left: BudgetState = {
    spent,
    reserved,
    calls,
    repeated,
    waiting,
    ...present({ tokens, limit, standing, owner, period }),
  }
  const { state, granted } = grantWaiting(left)
  const parts = granted.map(({ by, id, amount }): [string, Reservation] => [
    heldPart(by),
    { id, amount, stage: 'granted', ...(period !== undefined && { period }) },
  ])
  return {
    state,
    parts: Object.fromEntries(parts),
    send: granted.map(grantMessage),
    index: indexOf(effects.self.key, state),
    ...timersOf(state, effects),
  }
}

/** Notifies a waiter that its money is reserved. */
export function grantMessage({ by, work }: BudgetState['waiting'][number]): Send {
  const body: Granted = { status: 'granted' }
  return { to: parseRef(by), body, type: 'response', correlationId: work }
}

/** A waiter for a budget per day or hour continues with the next period at the latest. */
function timersOf({ period, waiting }: BudgetState, { message }: Effects): Pick<Turn, 'timers'> {
  if (period === undefined) return {}
  const delay = Math.max(1, periodEnd(period) - timeOf(message))
  return { timers: { period: waiting.length > 0 ? { delay, body: { type: 'period' } } : null } }
}

/** The day or hour of a message, in UTC; undefined where they do not matter. */
export function periodIn({ self, message }: Effects): string | undefined {
  return periodAt(readScope(self.key), timeOf(message))
}

/** Takes the time from the message, so that the turn needs no journaled effect. */
export const timeOf = ({ createdAt, due = 0 }: Envelope) => Math.max(createdAt, due)

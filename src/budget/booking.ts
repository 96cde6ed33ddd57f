import { dayOf } from '../house/act.ts'
import type { Send } from '../kernel/types.ts'
import { present } from '../lib/json/present.ts'
import { COST_KIND, type CostMessage } from './cost-day.ts'
import type { Booking, Reservation } from './state.ts'

/**
 * Ends a reservation because its borrower makes this call, or none, and gives the message to the sums. The maximum of
 * another call that has begun is booked. A booking of the same call, which is made again, is undone. Pure.
 */
export function bookEnd(held: Reservation | null, call: string | undefined, now: number): readonly Send[] {
  if (!held?.booking) return []
  const { id, stage, amount, tokens = 0, booking } = held
  if (id === call) return stage === 'spent' ? [bookMessage(booking, -amount, -1, -tokens, now)] : []
  return stage === 'begun' ? [bookMessage(booking, amount, 1, 0, now)] : []
}

/** A settled reservation with the day on which it is booked, and the message that books it. Pure. */
export function bookSettled(
  booking: Booking | undefined,
  settled: Reservation,
  now: number,
): { readonly held: Reservation; readonly send: readonly Send[] } {
  if (!booking) return { held: settled, send: [] }
  const { amount, tokens = 0 } = settled
  return {
    held: { ...settled, booking: { ...booking, day: dayOf(now) } },
    send: [bookMessage(booking, amount, 1, tokens, now)],
  }
}

/** The message leaves with the turn that charges the budget, so both are durable, or neither. */
function bookMessage(booking: Booking, amount: number, calls: number, tokens: number, now: number): Send {
  const { owner, agent, model, day = dayOf(now) } = booking
  const body: CostMessage = { type: 'book', owner, day, ...present({ agent, model }), amount, calls, tokens }
  return { to: { kind: COST_KIND, key: `${owner}.${day}` }, body }
}

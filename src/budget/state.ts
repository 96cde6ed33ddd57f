import type { ActorIndex } from '../kernel/types.ts'
import type { Priority } from '../lib/priority.ts'
import { readScope } from './scope.ts'

/** The state of a budget. Amounts in millionths of a dollar. Reservations are stored in parts. */
export type BudgetState = {
  /** absent: this scope has no limit of its own, and `standing` applies */
  readonly limit?: number
  /** the configured default, as of the last call */
  readonly standing?: number
  readonly spent: number
  readonly reserved: number
  /** tokens of the calls that were settled; absent: none */
  readonly tokens?: number
  /** calls that were settled */
  readonly calls: number
  /** calls that began again after a crash: each counts once here, but a provider may have charged it twice */
  readonly repeated: number
  readonly waiting: readonly BudgetWaiter[]
  readonly owner?: string
  /** the day or hour of `spent`, in UTC: `2026-03-01`, `2026-03-01T22` */
  readonly period?: string
}

/** A borrower that waits for money: `by` as `kind/key`, `work` is the correlation id of the notification. */
export type BudgetWaiter = {
  readonly id: string
  readonly by: string
  readonly amount: number
  readonly work: string
  /** absent: normal */
  readonly priority?: Priority
  /** how many more urgent waiters came later and went before it */
  readonly overtaken?: number
}

/** A reservation for one call (part `held/<kind/key>`): granted, then begun, then spent. A borrower has at most one. */
export type Reservation = {
  readonly id: string
  readonly amount: number
  readonly stage: 'granted' | 'begun' | 'spent'
  /** of a call that was settled */
  readonly tokens?: number
  /** the day or hour of the reservation */
  readonly period?: string
  /** present in the one budget that reports this call to the sums of a day */
  readonly booking?: Booking
}

/** A call in the sums of a day: for whom it is made, and once it is booked, on which UTC day. */
export type Booking = {
  readonly owner: string
  readonly agent?: string
  readonly model?: string
  readonly day?: string
}

/** A budget before its first message. */
export const NEW_BUDGET: BudgetState = { spent: 0, reserved: 0, calls: 0, repeated: 0, waiting: [] }

/** The part that holds a reservation. */
export const heldPart = (by: string) => `held/${by}`

/** The total limit; undefined: unlimited. */
export const limitOf = ({ limit, standing }: Pick<BudgetState, 'limit' | 'standing'>): number | undefined =>
  limit ?? standing

/** The amount that may be reserved now. Negative if the limit was lowered, or a call cost more than expected. */
export function availableAmount(state: BudgetState): number {
  return (limitOf(state) ?? Number.POSITIVE_INFINITY) - state.spent - state.reserved
}

export function indexOf(scope: string, state: BudgetState): ActorIndex {
  const { spent, reserved, waiting, owner } = state
  const limit = limitOf(state)
  return {
    scope: readScope(scope).kind,
    spent,
    reserved,
    waiting: waiting.length,
    ...(limit !== undefined && { limit }),
    ...(owner !== undefined && { owner }),
  }
}

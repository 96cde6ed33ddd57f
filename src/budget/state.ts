import type { ActorIndex } from '../kernel/types.ts'
import { readScope } from './scope.ts'

/** A budget; amounts in millionths of a dollar. Who has reserved something lies in parts. */
export type BudgetState = {
  /** absent: none was set for this scope alone, and `standing` holds */
  readonly limit?: number
  /** what the configuration says, as of the last call */
  readonly standing?: number
  readonly spent: number
  readonly reserved: number
  /** calls that were settled */
  readonly calls: number
  /** calls that were begun again after a crash: each is counted once, but a provider may have counted it twice */
  readonly repeated: number
  readonly waiting: readonly BudgetWaiter[]
  readonly owner?: string
  /** of a budget per day or hour: the one that `spent` is of, in UTC: `2026-03-01`, `2026-03-01T22` */
  readonly period?: string
}

/** Who waits until there is money: `by` as `kind/key`, `work` the correlation id under which it is told. */
export type BudgetWaiter = { readonly id: string; readonly by: string; readonly amount: number; readonly work: string }

/** What somebody has reserved for one call (part `held/<kind/key>`): granted, then begun, then spent. Each has at most one. */
export type Reservation = {
  readonly id: string
  readonly amount: number
  readonly stage: 'granted' | 'begun' | 'spent'
  /** of a budget per day or hour: when that was */
  readonly period?: string
}

/** A budget before its first message. */
export const NEW_BUDGET: BudgetState = { spent: 0, reserved: 0, calls: 0, repeated: 0, waiting: [] }

/** Where a reservation is kept. */
export const heldPart = (by: string) => `held/${by}`

/** How much may be spent in all; undefined: as much as anybody likes. */
export const limitOf = ({ limit, standing }: Pick<BudgetState, 'limit' | 'standing'>): number | undefined =>
  limit ?? standing

/** How much may be reserved now; less than nothing when the limit was lowered, or a call took more than was thought. */
export function availableAmount(state: BudgetState): number {
  return (limitOf(state) ?? Number.POSITIVE_INFINITY) - state.spent - state.reserved
}

/** What lists show of a budget. */
export function indexOf(scope: string, state: BudgetState): ActorIndex {
  const { spent, reserved, waiting, owner } = state
  const limit = limitOf(state)
  return {
    ...{ scope: readScope(scope).kind, spent, reserved, waiting: waiting.length },
    ...(limit !== undefined && { limit }),
    ...(owner !== undefined && { owner }),
  }
}

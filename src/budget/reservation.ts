import { isRightBefore } from './period.ts'
import { availableAmount, type BudgetState, type BudgetWaiter, type Reservation } from './state.ts'

/** A budget after an operation, and the borrower's reservation in it (`held`), if any. */
type ReservationResult = {
  readonly state: BudgetState
  readonly held: Reservation | null
  readonly granted: boolean
}

type Wanted = { readonly id: string; readonly amount: number; readonly stage: 'granted' | 'begun' }

/**
 * Reserves an amount for a call of a borrower, or returns the state unchanged. A repeated call
 * counts once. An earlier call of the same borrower is over: if it was started, its maximum is
 * charged, because its cost is unknown.
 */
export function reserveAmount(
  state: BudgetState,
  held: Reservation | null,
  { id, amount, stage }: Wanted,
): ReservationResult {
  const before = held === null ? state : releaseForCall(state, held, id)
  if (availableAmount(before) < amount) return { state, held, granted: false }
  const { period } = state
  return {
    state: { ...before, reserved: before.reserved + amount },
    held: { id, amount, stage, ...(period !== undefined && { period }) },
    granted: true,
  }
}

/** Releases a reservation before its borrower makes a call: all of it if the call is repeated; another call is over. */
export function releaseForCall(state: BudgetState, held: Reservation, call: string | undefined): BudgetState {
  if (held.id !== call) return closeReservation(state, held)
  const rest = undoReservation(state, held)
  return held.stage === 'granted' ? rest : { ...rest, repeated: rest.repeated + 1 }
}

/** Replaces the reservation of a call by its actual cost, once. */
export function settleReservation(
  state: BudgetState,
  held: Reservation | null,
  id: string,
  spent: number,
  tokens = 0,
): Omit<ReservationResult, 'granted'> {
  if (held?.id !== id || held.stage === 'spent') return { state, held }
  const { period } = state
  return {
    state: {
      ...state,
      reserved: state.reserved - held.amount,
      spent: state.spent + spent,
      calls: state.calls + 1,
      ...tokensPlus(state, tokens),
    },
    held: { id, amount: spent, stage: 'spent', ...(tokens > 0 && { tokens }), ...(period !== undefined && { period }) },
  }
}

const tokensPlus = ({ tokens = 0 }: Pick<BudgetState, 'tokens'>, more: number) =>
  more !== 0 && { tokens: tokens + more }

/** Closes a reservation: a call that began and was not settled counts as spent, a mere grant is freed. */
export function closeReservation(state: BudgetState, held: Reservation): BudgetState {
  if (held.stage === 'spent') return state
  const rest = { ...state, reserved: state.reserved - held.amount }
  return held.stage === 'granted' ? rest : { ...rest, spent: rest.spent + held.amount, calls: rest.calls + 1 }
}

/** Undoes a call that is not made. Money spent in an earlier period stays charged there. */
export function undoReservation(state: BudgetState, { stage, amount, period, tokens = 0 }: Reservation): BudgetState {
  if (stage !== 'spent') return { ...state, reserved: state.reserved - amount }
  return period === state.period
    ? { ...state, spent: state.spent - amount, calls: state.calls - 1, ...tokensPlus(state, -tokens) }
    : state
}

/** Grants waiting requests in order. A request that is too large does not block the others. */
export function grantWaiting(state: BudgetState): {
  readonly state: BudgetState
  readonly granted: readonly BudgetWaiter[]
} {
  const granted: BudgetWaiter[] = []
  const left: BudgetWaiter[] = []
  let free = availableAmount(state)
  for (const waiter of state.waiting) {
    const fits = waiter.amount <= free
    if (fits) free -= waiter.amount
    ;(fits ? granted : left).push(waiter)
  }
  const reserved = granted.reduce((sum, { amount }) => sum + amount, state.reserved)
  return { state: { ...state, reserved, waiting: left }, granted }
}

/**
 * Switches to a period: a new one starts with nothing spent. Reservations stay, because their calls
 * are running. The previous period never returns, even if clocks differ between nodes: its spending
 * would be forgotten twice.
 */
export function inPeriod(state: BudgetState, period: string | undefined): BudgetState {
  const { period: now } = state
  if (period === undefined || now === period || (now !== undefined && isRightBefore(period, now))) return state
  const { tokens: _, ...rest } = state
  return { ...rest, period, spent: 0, calls: 0, repeated: 0 }
}

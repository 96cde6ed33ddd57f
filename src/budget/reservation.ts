import { isRightBefore } from './period.ts'
import { type BudgetState, freeOf, type Held, type Waiter } from './state.ts'

/** What became of a budget and of what one borrower has of it; `held` null: nothing any more. */
export type Lent = { readonly state: BudgetState; readonly held: Held | null; readonly granted: boolean }

type Wanted = { readonly id: string; readonly amount: number; readonly stage: 'granted' | 'begun' }

/**
 * Reserves an amount for a call of a borrower, or leaves all as it was. The same call again is counted once; what the borrower has reserved for
 * another one is over: it is taken for spent if that was begun, since nobody said what it took.
 */
export function lend(state: BudgetState, held: Held | null, { id, amount, stage }: Wanted): Lent {
  const before = held === null ? state : leftFor(state, held, id)
  if (freeOf(before) < amount) return { state, held, granted: false }
  const { period } = state
  return {
    state: { ...before, reserved: before.reserved + amount },
    held: { id, amount, stage, ...(period !== undefined && { period }) },
    granted: true,
  }
}

/** What is left of a reservation when its borrower is about to make a call: of the same one nothing, for it is made again; another one is over. */
export function leftFor(state: BudgetState, held: Held, call: string | undefined): BudgetState {
  if (held.id !== call) return closed(state, held)
  const rest = takenBack(state, held)
  return held.stage === 'granted' ? rest : { ...rest, repeated: rest.repeated + 1 }
}

/** Counts what a call took instead of what was reserved for it; once, and only while that stands. */
export function settle(state: BudgetState, held: Held | null, id: string, spent: number): Omit<Lent, 'granted'> {
  if (held?.id !== id || held.stage === 'spent') return { state, held }
  const { period } = state
  return {
    state: {
      ...state,
      reserved: state.reserved - held.amount,
      spent: state.spent + spent,
      calls: state.calls + 1,
    },
    held: { id, amount: spent, stage: 'spent', ...(period !== undefined && { period }) },
  }
}

/** A borrower that is no more: what it had begun and not settled is taken for spent, what it had only been granted is free again. */
export function closed(state: BudgetState, held: Held): BudgetState {
  if (held.stage === 'spent') return state
  const rest = { ...state, reserved: state.reserved - held.amount }
  return held.stage === 'granted' ? rest : { ...rest, spent: rest.spent + held.amount, calls: rest.calls + 1 }
}

/** As if the call were not to be made, or had not been: what was spent in another period stays spent in that. */
export function takenBack(state: BudgetState, { stage, amount, period }: Held): BudgetState {
  if (stage !== 'spent') return { ...state, reserved: state.reserved - amount }
  return period === state.period ? { ...state, spent: state.spent - amount, calls: state.calls - 1 } : state
}

/** Those that wait and can be granted what they wait for, the first first; one that asks for too much keeps nobody else waiting. */
export function grant(state: BudgetState): { readonly state: BudgetState; readonly granted: readonly Waiter[] } {
  const granted: Waiter[] = []
  const left: Waiter[] = []
  let free = freeOf(state)
  for (const waiter of state.waiting) {
    const fits = waiter.amount <= free
    if (fits) free -= waiter.amount
    ;(fits ? granted : left).push(waiter)
  }
  const reserved = granted.reduce((sum, { amount }) => sum + amount, state.reserved)
  return { state: { ...state, reserved, waiting: left }, granted }
}

/**
 * The budget on a day or in an hour: another one than before begins with nothing spent. What is reserved stays, for it is under way. The one right
 * before does not come again: clocks are set back, those of several nodes differ, and what was spent would be forgotten twice.
 */
export function inPeriod(state: BudgetState, period: string | undefined): BudgetState {
  const { period: now } = state
  if (period === undefined || now === period || (now !== undefined && isRightBefore(period, now))) return state
  return { ...state, period, spent: 0, calls: 0, repeated: 0 }
}

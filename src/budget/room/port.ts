import type { Budget, Cost } from './documents.ts'

export type { Budget, Cost, CostSum } from './documents.ts'

/** Selects budgets: all, or those of one owner; after a scope if one is given. */
export type BudgetsQuery = { readonly owner?: string; readonly after?: string; readonly limit?: number }

/** The sums of costs may be told apart by these. */
export const COST_GROUPS = ['owner', 'agent', 'model', 'day'] as const

/** Selects costs: from a UTC day on (`2026-11-21`), of one owner; `by` (absent: day) tells the sums apart. */
export type CostQuery = {
  readonly since?: string
  readonly by?: (typeof COST_GROUPS)[number]
  readonly owner?: string
}

/** The budgets of a runtime. */
export interface Budgets {
  /** Lists budgets, sorted by scope. */
  list(query?: BudgetsQuery): Promise<readonly Budget[]>
  /** Reads a budget. NotFoundError when none is set for the scope. */
  get(scope: string): Promise<Budget>
  /**
   * Sets the total limit in dollars. `owner` names the owner of work that has not started yet.
   * Waiting calls continue if there is enough money.
   */
  set(scope: string, limit: number, options?: { readonly owner?: string }): Promise<Budget>
  /** Raises a limit. Error `budget_lower` when the new limit is not higher. */
  raise(scope: string, limit: number): Promise<Budget>
  /** Sums what budgets booked. Calls that no budget covers are not in it. */
  cost(query?: CostQuery): Promise<Cost>
  /** Removes the budget; waiting calls continue. */
  remove(scope: string): Promise<void>
}

import type { Budget } from '../../contract/documents/budget.ts'

export type { Budget } from '../../contract/documents/budget.ts'

/** Selects budgets: all, or those of one owner; after a scope if one is given. */
export type BudgetsQuery = { readonly owner?: string; readonly after?: string; readonly limit?: number }

/** The budgets of a runtime. */
export interface Budgets {
  /** By scope. */
  list(query?: BudgetsQuery): Promise<readonly Budget[]>
  /** NotFoundError when none was set there. */
  get(scope: string): Promise<Budget>
  /**
   * Sets the total limit in dollars. `owner` names the owner of work that has not started yet.
   * Waiting calls continue if there is enough money.
   */
  set(scope: string, limit: number, options?: { readonly owner?: string }): Promise<Budget>
  /** Says so where it is more than before; an error of code `budget_lower` otherwise. */
  raise(scope: string, limit: number): Promise<Budget>
  /** Removes the budget; waiting calls continue. */
  remove(scope: string): Promise<void>
}

/**
 * A budget in dollars. A scope is `run/ID`, `thread/NAME`, `owner/NAME` or `pipeline/OWNER/ID` (all
 * runs of a pipeline). `owner-day/`, `owner-hour/`, `pipeline-day/` and `pipeline-hour/` restart
 * with each day or hour (UTC).
 */
export type Budget = {
  readonly scope: string
  readonly owner: string
  readonly limit: number
  readonly spent: number
  /** for calls under way, as much as each may cost at most */
  readonly reserved: number
  /** calls that were counted */
  readonly calls: number
  /** calls that were begun again after a crash: counted once here, though a provider may have counted them twice */
  readonly repeated: number
  /** who waits for money, and for how much */
  readonly waiting: readonly { readonly by: string; readonly amount: number }[]
  /** of a budget per day or hour: which one this is of, in UTC: `2026-03-01`, `2026-03-01T22` */
  readonly period?: string
}

/** Which budgets: of one owner, or all; behind a scope, if one is given. */
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

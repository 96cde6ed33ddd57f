import { NotFoundError } from '../../errors.ts'
import { type Page, pageOf } from '../../house/common-fields.ts'
import { scopeMissing } from '../../house/scope.ts'
import type { Viewer } from '../../house/viewer.ts'
import { ownerIn, readScope, scopeOf } from '../scope.ts'
import { joinCosts } from './cost.ts'
import type { Budget, Budgets, BudgetsQuery } from './port.ts'

/** Budgets as a caller sees them. Budgets of threads have the names that the caller uses for the threads. */
export type BudgetsView = Omit<Budgets, 'list'> & {
  list(query: BudgetsQuery & { readonly limit: number }): Promise<Page<Budget>>
}

/** The scope under which a budget is stored, and its owner if known. */
type BudgetScope = { readonly scope: string; readonly owner?: string }

/** The budgets of the caller. Only admins set the limit of an owner; others set those of their own work. */
export function viewBudgets(budgets: Budgets, viewer: Omit<Viewer, 'checkGoal'>): BudgetsView {
  const { caller, isAdmin, seen, checkRun, findThread, nameOfThread } = viewer

  /** The stored scope of a budget; NotFoundError when it does not belong to the caller. */
  async function place(scope: string): Promise<BudgetScope> {
    const { kind, name } = readScope(scope)
    if (kind === 'thread') {
      // a budget may be set before its run or thread begins
      const { key, owner } = await findThread(name)
      return { scope: scopeOf('thread', key), owner }
    }
    if (isAdmin) return { scope }
    if (kind === 'run') await checkRun(name)
    else if (ownerIn({ kind, name }) !== caller.owner) throw new NotFoundError(`There is no budget ${scope}.`)
    return { scope }
  }

  async function placeToChange(scope: string): Promise<BudgetScope> {
    const found = await place(scope)
    if (!isAdmin && readScope(scope).kind.startsWith('owner')) throw scopeMissing('admin')
    return found
  }

  function shown(budget: Budget): Budget {
    const { kind, name } = readScope(budget.scope)
    return kind === 'thread' ? { ...budget, scope: scopeOf('thread', nameOfThread(name, budget.owner)) } : budget
  }

  return {
    async list(query) {
      const listed = await budgets.list({ ...query, ...(!isAdmin && { owner: caller.owner }) })
      const { items, ...more } = pageOf(listed, query.limit, ({ scope }) => scope)
      return { items: items.map(shown), ...more }
    },
    async get(scope) {
      return shown(await budgets.get((await place(scope)).scope))
    },
    async set(scope, limit, { owner } = {}) {
      const found = await placeToChange(owner === undefined ? scope : ownersOwn(scope, owner))
      if (!isAdmin && (owner ?? caller.owner) !== caller.owner) throw scopeMissing('admin')
      const whose = found.owner ?? owner
      return shown(await budgets.set(found.scope, limit, whose === undefined ? {} : { owner: whose }))
    },
    async raise(scope, limit) {
      return shown(await budgets.raise((await placeToChange(scope)).scope, limit))
    },
    async cost(query = {}) {
      const { owner } = query
      if (seen === 'all') return budgets.cost(query)
      // as if an owner that the caller does not see had no work
      if (owner !== undefined && !seen.includes(owner)) throw new NotFoundError(`There is no owner ${owner}.`)
      const owners = owner === undefined ? seen : [owner]
      const costs = await Promise.all(owners.map((each) => budgets.cost({ ...query, owner: each })))
      return joinCosts(costs, query.by)
    },
    async remove(scope) {
      return budgets.remove((await placeToChange(scope)).scope)
    },
  }
}

/** The stored scope of a budget that an owner names. */
function ownersOwn(scope: string, owner: string): string {
  const { kind, name } = readScope(scope)
  return kind === 'thread' ? scopeOf('thread', name.includes(':') ? name : `${owner}:${name}`) : scope
}

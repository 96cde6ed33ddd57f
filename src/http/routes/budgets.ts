import { BUDGETS } from '../../contract/budgets.ts'
import { type Route, routes } from '../routing/route.ts'

/** Budgets for models: list, read, set, raise, remove. Waiting work continues after a raise. */
export const budgetRoutes: readonly Route[] = routes(BUDGETS, {
  'budgets.list': ({ runtime, query }) => runtime.budgets.list(query),
  'budgets.get': ({ runtime, params }) => runtime.budgets.get(params.scope),
  'budgets.set': ({ runtime, params, body: { limit, ...options } }) =>
    runtime.budgets.set(params.scope, limit, options),
  'budgets.raise': ({ runtime, params, body }) => runtime.budgets.raise(params.scope, body.limit),
  async 'budgets.remove'({ runtime, params: { scope } }) {
    await runtime.budgets.remove(scope)
    return { scope }
  },
})

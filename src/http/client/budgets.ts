import type { Budget, Budgets } from '../../runtime/ports/budgets.ts'
import { type Asking, pathTo, queryOf } from './request.ts'

/** Budgets as a client has them. */
export function budgetsClient({ get, post }: Asking): Budgets {
  return {
    list: async (asked = {}) => (await get<{ items: Budget[] }>(`/budgets${queryOf(asked)}`)).items,
    get: (scope) => get(pathTo('budgets', scope)),
    set: (scope, limit, options = {}) => post(pathTo('budgets', scope, 'set'), { limit, ...options }),
    raise: (scope, limit) => post(pathTo('budgets', scope, 'raise'), { limit }),
    remove: async (scope) => void (await post(pathTo('budgets', scope, 'remove'), {})),
  }
}

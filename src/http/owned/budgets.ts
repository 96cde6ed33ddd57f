import { ownerIn, readScope } from '../../budget/scope.ts'
import { NotFoundError } from '../../errors.ts'
import type { Budgets } from '../../runtime.ts'
import { scopeMissing } from '../caller.ts'
import type { Sight } from './sight.ts'

/** Budgets as a caller sees them: the own ones. What an owner may spend is for admins to say; what a run, a thread or a pipeline may, for its owner. */
export function ownedBudgets({ runtime, caller, isAdmin, checkRun, checkThread }: Sight): Budgets {
  async function check(scope: string): Promise<void> {
    const { kind, name } = readScope(scope)
    if (isAdmin) return
    if (kind === 'run') await checkRun(name)
    else if (kind === 'thread') await checkThread(name)
    else if (ownerIn({ kind, name }) !== caller.owner) throw new NotFoundError(`There is no budget ${scope}.`)
  }

  async function checkChange(scope: string): Promise<void> {
    await check(scope)
    if (!isAdmin && readScope(scope).kind.startsWith('owner')) throw scopeMissing('admin')
  }

  return {
    list: (query) => runtime.budgets.list({ ...query, ...(!isAdmin && { owner: caller.owner }) }),
    async get(scope) {
      await check(scope)
      return runtime.budgets.get(scope)
    },
    async set(scope, limit, options = {}) {
      await checkChange(scope)
      if (!isAdmin && (options.owner ?? caller.owner) !== caller.owner) throw scopeMissing('admin')
      return runtime.budgets.set(scope, limit, options)
    },
    async raise(scope, limit) {
      await checkChange(scope)
      return runtime.budgets.raise(scope, limit)
    },
    async remove(scope) {
      await checkChange(scope)
      return runtime.budgets.remove(scope)
    },
  }
}

import { type Engine, inspectOne } from '../../engine/engine.ts'
import { NotFoundError } from '../../errors.ts'
import type { House } from '../../house/house.ts'
import { keyIn } from '../../house/paging.ts'
import { callerOf } from '../../house/request-caller.ts'
import type { Json } from '../../kernel/json.ts'
import { parseRef } from '../../kernel/ref.ts'
import { LOCAL_OWNER, ownerOf } from '../../lib/owner.ts'
import { amountOf, MICROS_PER_DOLLAR } from '../money.ts'
import { periodAt } from '../period.ts'
import { inPeriod } from '../reservation.ts'
import { budgetRef, isScope, ownerIn, readScope, scopeActor } from '../scope.ts'
import { type BudgetState, limitOf } from '../state.ts'
import { sumCosts } from './cost.ts'
import type { Budget, Budgets } from './port.ts'

export function createBudgets({ engine, clock, goOn }: Pick<House, 'engine' | 'clock' | 'goOn'>): Budgets {
  const { view } = engine

  async function find(scope: string): Promise<Budget | undefined> {
    const state = (await view.peek(budgetRef(checked(scope)))) as BudgetState | undefined
    if (!state || limitOf(state) === undefined) return undefined
    // a budget learns of a new period only when money is requested
    return shown(scope, inPeriod(state, periodAt(readScope(scope), clock.now())))
  }

  async function get(scope: string): Promise<Budget> {
    const found = await find(scope)
    if (!found) throw new NotFoundError(`There is no budget ${scope}.`, { hint: `antiphon budget set ${scope} 2.00` })
    return found
  }

  /** Changes a budget. Work that an earlier process left may be waiting for it. */
  async function change(scope: string, message: Json): Promise<void> {
    const { waiting = [] } = ((await view.peek(budgetRef(scope))) ?? {}) as Partial<BudgetState>
    for (const { work } of waiting) await engine.start({ only: work })
    await engine.ask(budgetRef(scope), message)
    for (const { by } of waiting) await goOn(parseRef(by))
  }

  return {
    async list({ owner, after, limit = 100 } = {}) {
      const where = owner === undefined ? {} : { owner }
      const listed = await view.list('budget', { where, limit, ...keyIn(after, isScope) })
      const found = await Promise.all(listed.map(({ key }) => find(key)))
      return found.filter((budget) => budget !== undefined)
    },
    get,
    cost: (query = {}) => sumCosts(view, query),
    async set(scope, limit, { owner } = {}) {
      const whose = owner ?? (await ownerOfScope(engine, checked(scope)))
      await change(scope, { type: 'set', limit: amountOf(limit), owner: whose })
      return get(scope)
    },
    async raise(scope, limit) {
      await get(scope)
      const by = callerOf()
      await change(scope, { type: 'raise', limit: amountOf(limit), ...(by && { by }) })
      return get(scope)
    },
    async remove(scope) {
      await get(scope)
      await change(scope, { type: 'remove' })
    },
  }
}

function checked(scope: string): string {
  readScope(scope)
  return scope
}

async function ownerOfScope({ view }: Engine, scope: string): Promise<string> {
  const of = scopeActor(readScope(scope))
  return ownerIn(readScope(scope)) ?? ownerOf((of && (await inspectOne(view, of)))?.cell?.index ?? {})
}

function shown(scope: string, state: BudgetState): Budget {
  const { spent, reserved, calls, repeated, waiting, owner = LOCAL_OWNER, period } = state
  return {
    scope,
    owner,
    limit: limitOf(state)! / MICROS_PER_DOLLAR,
    spent: spent / MICROS_PER_DOLLAR,
    ...(state.tokens !== undefined && { tokens: state.tokens }),
    reserved: reserved / MICROS_PER_DOLLAR,
    calls,
    repeated,
    waiting: waiting.map(({ by, amount }) => ({ by, amount: amount / MICROS_PER_DOLLAR })),
    ...(period !== undefined && { period }),
  }
}

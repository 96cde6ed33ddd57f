import type { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import { present } from '../../../lib/json/present.ts'
import type { CallPayer } from '../../../model/request/request.ts'
import type { Granted, InsufficientBudget } from '../../messages.ts'
import { amountOf, formatDollars } from '../../money.ts'
import { budgetRef, scopeOf } from '../../scope.ts'
import { type BudgetShortfall, outOfMoney } from '../../shortfall.ts'
import { type BudgetState, limitOf } from '../../state.ts'
import type { ChargedBudget, LiveEngine, Origin, WorkLimits } from './charged-budgets.ts'
import { chargedBudget, createOrigins } from './charged-budgets.ts'

/** Default limits for owners without their own budget, in millionths of a dollar. */
export type StandingLimits = { readonly owner?: number; readonly day?: number; readonly hour?: number }

/** The configured default limits of owners, which are in dollars. */
export function standingLimits({ budgets = {} }: { readonly budgets?: StandingLimits }): StandingLimits {
  return Object.fromEntries(Object.entries(budgets).map(([period, limit]) => [period, amountOf(limit)]))
}

/** Reserves money in budgets, and charges them. */
export interface Reservations {
  /** The existing budgets of a payer; most payers have none. */
  budgetsOf(payer: CallPayer): Promise<readonly ChargedBudget[]>
  /**
   * Reserves an amount in all of these budgets or in none. The error
   * `out_of_money` names the first budget that has too little. The last one, which is the widest, reports the call
   * of this model to the sums of the day.
   */
  reserve(payer: CallPayer, budgets: readonly ChargedBudget[], amount: number, model?: string): Promise<void>
  /** Charges the actual cost. An unknown cost stays reserved until the step ends or makes another call. */
  settle(payer: CallPayer, budgets: readonly ChargedBudget[], spent: number, tokens?: number): Promise<void>
}

/** Creates the reservations of a runtime. Its engine exists by the time of the first call. */
export function createReservations(live: LiveEngine, standing: StandingLimits, limits: WorkLimits): Reservations {
  const originOf = createOrigins(live, limits)

  const stateOf = ({ scope, limit }: ChargedBudget) =>
    limit === undefined ? live.engine.view.peek(budgetRef(scope)) : undefined

  const release = ({ by, id }: CallPayer, budgets: readonly ChargedBudget[]) =>
    Promise.all(budgets.map(({ scope }) => live.engine.ask(budgetRef(scope), { type: 'release', by, id })))

  return {
    async budgetsOf({ of }) {
      const budgets = budgetsFor(await originOf(of), standing)
      const states = await Promise.all(budgets.map(stateOf))
      return budgets.filter(({ limit }, place) => limit !== undefined || isSet(states[place]))
    },
    async reserve(payer, budgets, amount, model) {
      const { id, by, priority } = payer
      const { agent } = await originOf(payer.of)
      const books = present({ agent, model })
      const widest = budgets.length - 1
      for (const [place, { scope, ...about }] of budgets.entries()) {
        const message: Json = { type: 'reserve', id, by, amount, ...about, ...(place === widest && { books }) }
        const asked = live.engine.ask(budgetRef(scope), message)
        const answer = await asked.catch(async (error: unknown) => {
          // without the release, another attempt would find this call begun and charge its maximum
          await release(payer, budgets.slice(0, place + 1)).catch(() => {})
          throw error
        })
        const answered = answer as InsufficientBudget | Granted
        if (answered.status === 'granted') continue
        await release(payer, budgets.slice(0, place))
        throw tooShort({ scope, amount, call: id, ...(priority && { priority }) }, answered)
      }
    },
    async settle({ id, by }, budgets, spent, tokens = 0) {
      const message: Json = { type: 'settle', id, by, spent, ...(tokens > 0 && { tokens }) }
      // asked, not told: the budget must learn of the cost before it learns that the step has ended
      await Promise.allSettled(budgets.map(({ scope }) => live.engine.ask(budgetRef(scope), message, { early: true })))
    },
  }
}

const isSet = (state: Json | undefined): boolean => state !== undefined && limitOf(state as BudgetState) !== undefined

function budgetsFor({ budgets, owner }: Origin, { owner: inAll, day, hour }: StandingLimits): readonly ChargedBudget[] {
  return [
    ...budgets,
    chargedBudget(scopeOf('owner', owner), owner, inAll),
    chargedBudget(scopeOf('owner-day', owner), owner, day),
    chargedBudget(scopeOf('owner-hour', owner), owner, hour),
  ]
}

function tooShort(need: BudgetShortfall, { free, limit, until }: InsufficientBudget): TerminalError {
  const { scope, amount } = need
  const least = formatDollars(limit - free + amount)
  const call = `this call may cost ${formatDollars(amount)}`
  const message =
    amount > limit
      ? `the budget ${scope} is ${formatDollars(limit)} in all, and ${call} alone`
      : `the budget ${scope} has ${formatDollars(free)} left of ${formatDollars(limit)}${untilOf(until)}, and ${call}`
  const hint = `antiphon budget raise ${scope} ${least.slice(1)}`
  return outOfMoney(message, need, hint)
}

/** A periodic budget restarts by itself. */
function untilOf(until: number | undefined): string {
  return until === undefined ? '' : ` until ${new Date(until).toISOString().slice(0, 16)}Z`
}

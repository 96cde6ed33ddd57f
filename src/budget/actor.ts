import { type Problem, refusal, terminalProblem } from '../errors.ts'
import { recordAct } from '../house/act.ts'
import { nameOf } from '../kernel/ref.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, Effects, Turn } from '../kernel/types.ts'
import { LOCAL_OWNER } from '../lib/owner.ts'
import { grantMessage, periodIn, timeOf, turnWithGrants } from './grant-waiting.ts'
import { type Begin, type BudgetMessage, budgetMessage, type Raise, type Reserve } from './messages.ts'
import { MICROS_PER_DOLLAR } from './money.ts'
import { grantWaiting, inPeriod } from './reservation.ts'
import { endWith, giveUp, release, reserve, settleCall, wait } from './reserve.ts'
import { readScope, scopeActor } from './scope.ts'
import { type BudgetState, limitOf, NEW_BUDGET } from './state.ts'

/**
 * `budget/<scope>`: a spending limit. It reserves money before a call and charges the actual cost
 * after it. A borrower without enough money waits and gets a message later. The budget watches its
 * borrowers, so that reservations end with them.
 */
export function budgetActor(): Actor<BudgetState, BudgetMessage> {
  return defineActor<BudgetState, BudgetMessage>({
    kind: 'budget',
    message: budgetMessage,
    initial: () => NEW_BUDGET,
    receive(stored, message, effects) {
      const state = inPeriod(stored, periodIn(effects))
      switch (message.type) {
        case 'set':
          return { ...turnWithGrants({ ...state, ...message }, effects), reply: { status: 'set' } }
        case 'begin':
          return begin(state, message, effects)
        case 'raise':
          return raise(state, message, effects)
        case 'remove':
          return remove(state)
        case 'reserve':
          return reserve(withStanding(state, message), message, effects)
        case 'wait':
          return wait(state, message, effects)
        case 'settle':
          return settleCall(state, message, effects)
        case 'release':
          return release(state, message, effects)
        case 'period':
          return limitOf(state) === undefined
            ? NOTHING_SET
            : { ...turnWithGrants(state, effects), reply: { status: 'kept' } }
      }
    },
    notice(state, notice, effects) {
      if (notice.type === 'stop') return { stop: true }
      if (notice.type !== 'down') return {}
      const watched = scopeActor(readScope(effects.self.key))
      if (watched && nameOf(watched) === nameOf(notice.of))
        return notice.reason === 'failed' ? {} : endWith(nameOf(notice.of), effects)
      return giveUp(inPeriod(state, periodIn(effects)), nameOf(notice.of), effects)
    },
  })
}

// the limit

function begin(state: BudgetState, message: Begin, effects: Effects): Turn<BudgetState> {
  const of = scopeActor(readScope(effects.self.key))
  const turn = turnWithGrants({ ...state, ...message }, effects)
  const first = of ? [{ to: of, body: message.message }] : []
  return { ...turn, send: [...turn.send, ...first], reply: { status: 'set' } }
}

function raise(state: BudgetState, { limit, by }: Raise, effects: Effects): Turn<BudgetState> {
  const before = limitOf(state)
  if (before === undefined) return { refuse: NOT_SET, stop: true }
  if (limit < before) return { refuse: LOWER }
  const turn = turnWithGrants({ ...state, limit }, effects)
  const { owner = LOCAL_OWNER } = state
  const act = { at: timeOf(effects.message), owner, what: 'budget-raised', target: effects.self.key } as const
  const outcome = `$${limit / MICROS_PER_DOLLAR}`
  return {
    ...turn,
    send: [...turn.send, ...(by ? [recordAct({ ...act, by, outcome })] : [])],
    reply: { status: 'set' },
  }
}

const NOTHING_SET: Turn<BudgetState> = { reply: { status: 'kept' }, stop: true }
const NOT_SET = terminalProblem({
  code: 'not_found',
  name: 'NotFoundError',
  message: 'there is no budget for this scope',
})
const LOWER: Problem = refusal({
  code: 'budget_lower',
  message: 'the new limit is lower than the current one',
  hint: 'To lower a limit: antiphon budget set.',
})

/** Without a limit, all waiters continue. */
function remove({ limit: _, standing: __, ...state }: BudgetState): Turn<BudgetState> {
  return { send: grantWaiting(state).granted.map(grantMessage), reply: { status: 'removed' }, stop: true }
}

function withStanding(state: BudgetState, { limit, owner }: Reserve): BudgetState {
  const { standing: _, ...rest } = state
  return { ...rest, ...(limit !== undefined && { standing: limit }), ...(owner !== undefined && { owner }) }
}

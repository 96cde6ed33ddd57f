import { expect, it } from 'vitest'
import { NEW_BUDGET } from '../../src/budget/state.ts'
import { inboxSince, isShortOfMoney, needsMoney } from '../../src/work/wait.ts'

it('lists work with the start of its wait, and names the budget that it needs', () => {
  expect(inboxSince(5)).toEqual({ inbox: 1, since: 5 })
  expect(needsMoney('run/r')).toEqual({ signal: 'budget:run/r', expects: { type: 'money' } })
})

it('knows whether a budget still has an actor wait', () => {
  const of = { kind: 'step', key: 'r.a' }
  const waiter = { id: 'm', by: 'step/r.a', amount: 1, work: 'r' }
  expect(isShortOfMoney({ ...NEW_BUDGET, waiting: [waiter] }, of)).toBe(true)
  expect(isShortOfMoney({ ...NEW_BUDGET, waiting: [{ ...waiter, by: 'step/r.b' }] }, of)).toBe(false)
  expect(isShortOfMoney(undefined, of)).toBe(false)
})

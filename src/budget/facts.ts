import type { ErrorCodes } from '../errors.ts'

export const budgetCodes = {
  budget_lower: { status: 409, exit: 2, means: 'the new limit is lower than the current one' },
  no_price: { status: 422, exit: 1, means: 'a budget applies, but the price of the model is unknown' },
  out_of_money: { status: 402, exit: 1 },
} as const satisfies ErrorCodes

export const budgetOperations = {
  'budgets.list': { method: 'get', path: '/budgets', takes: ['...'], gives: 'items' },
  'budgets.get': { method: 'get', path: '/budgets/{scope}', takes: ['scope'] },
  'budgets.set': { method: 'post', path: '/budgets/{scope}/set', takes: ['scope', 'limit', '...'] },
  'budgets.raise': { method: 'post', path: '/budgets/{scope}/raise', takes: ['scope', 'limit'] },
  'budgets.cost': { method: 'get', path: '/cost', takes: ['...'] },
  'budgets.remove': { method: 'post', path: '/budgets/{scope}/remove', takes: ['scope'], gives: 'nothing' },
} as const

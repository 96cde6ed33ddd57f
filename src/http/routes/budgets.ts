import { z } from 'zod'
import { ownerName } from '../../access/api-key.ts'
import { type Route, route } from '../routing/route.ts'
import { id, listOf, maybe, page } from '../schemas/basic.ts'
import { budget, dollars } from '../schemas/budget.ts'

const params = z.object({ scope: id.meta({ description: 'such as `run%2Frun_1`' }) })
const limit = z.strictObject({ limit: dollars })
const owner = maybe(
  ownerName.meta({ description: 'whose it is, of what has not begun yet; only an admin says another' }),
)
const changed = { about: 'the budget as it is now', schema: budget }

/** Budgets: what may be spent on models, and what was; to say how much, and to raise it, so that what waits goes on. */
export const budgetRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/budgets',
    scope: 'read',
    summary: 'Budgets by their scopes',
    query: z.object({ ...page }),
    answer: { about: 'a page of them', schema: listOf(budget) },
    errors: ['bad_cursor'],
    handle: ({ runtime, query }) => runtime.budgets.list(query),
  }),
  route({
    method: 'get',
    path: '/budgets/{scope}',
    scope: 'read',
    summary: 'A budget: what may be spent there, and what was',
    params,
    answer: { about: 'the budget as it stands', schema: budget },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.budgets.get(params.scope),
  }),
  route({
    method: 'post',
    path: '/budgets/{scope}/set',
    scope: 'run',
    summary: 'Say how much may be spent there in all; of an owner only an admin may',
    params,
    body: limit.extend({ owner }),
    answer: changed,
    errors: ['not_found', 'scope_missing'],
    handle: ({ runtime, params, body: { limit, ...options } }) => runtime.budgets.set(params.scope, limit, options),
  }),
  route({
    method: 'post',
    path: '/budgets/{scope}/raise',
    scope: 'run',
    summary: 'Say that more may be spent there: what waits for money goes on',
    params,
    body: limit,
    answer: changed,
    errors: ['not_found', 'budget_lower', 'scope_missing'],
    handle: ({ runtime, params, body }) => runtime.budgets.raise(params.scope, body.limit),
  }),
  route({
    method: 'post',
    path: '/budgets/{scope}/remove',
    scope: 'run',
    summary: 'Count nothing there any more: what waits for money goes on',
    params,
    answer: { about: 'it is no more', schema: z.object({ scope: z.string() }) },
    errors: ['not_found', 'scope_missing'],
    async handle({ runtime, params: { scope } }) {
      await runtime.budgets.remove(scope)
      return { scope }
    },
  }),
]

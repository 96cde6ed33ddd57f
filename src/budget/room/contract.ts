import { z } from 'zod'
import { maybe } from '../../document.ts'
import { dollars, id, listOf, page } from '../../house/common-fields.ts'
import { describe } from '../../house/describe.ts'
import { ownerName } from '../../house/scope.ts'
import { budgetOperations } from '../facts.ts'
import { budget, cost } from './documents.ts'
import { COST_GROUPS } from './port.ts'

const params = z.object({ scope: id.meta({ description: 'for example `run%2Frun_1`' }) })

const limit = z.strictObject({ limit: dollars })

const owner = maybe(
  ownerName.meta({ description: 'owner of work that has not started yet; only an admin may name another owner' }),
)

const costQuery = z.object({
  since: maybe(z.iso.date()).meta({ description: 'the first day, in UTC; absent: all that is kept' }),
  by: maybe(z.enum(COST_GROUPS)).meta({ description: 'how the sums are grouped; absent: `day`' }),
  owner: maybe(ownerName).meta({ description: 'only an admin and staff may name another owner' }),
})

const changed = { about: 'the budget after the change', schema: budget }

/** Budgets for models: list, read, sum, set, raise, remove. Waiting work continues after a raise. */
export const BUDGETS = describe(budgetOperations, {
  'budgets.list': {
    scope: 'read',
    summary: 'List budgets by scope',
    query: z.object({ ...page }),
    answer: { about: 'a page of budgets', schema: listOf(budget) },
    errors: ['bad_cursor'],
  },
  'budgets.get': {
    scope: 'read',
    summary: 'Show the limit and the spending of a budget',
    params,
    answer: { about: 'the budget', schema: budget },
    errors: ['not_found'],
  },
  'budgets.set': {
    scope: 'run',
    summary: 'Set the limit of a budget; only an admin may set the budget of an owner',
    params,
    body: limit.extend({ owner }),
    answer: changed,
    errors: ['not_found', 'scope_missing'],
  },
  'budgets.raise': {
    scope: 'run',
    summary: 'Raise the limit of a budget; work that waits for it continues',
    params,
    body: limit,
    answer: changed,
    errors: ['not_found', 'budget_lower', 'scope_missing'],
  },
  'budgets.cost': {
    scope: 'read',
    summary: 'Sum what budgets booked, by owner, agent, model or day',
    description:
      'The days are days in UTC. Calls that no budget covers are not in it. Sums are kept as long as the audit (`auditDays`); `since` of the answer is the first day that has one.',
    query: costQuery,
    answer: { about: 'the sums', schema: cost },
    errors: ['not_found'],
  },
  'budgets.remove': {
    scope: 'run',
    summary: 'Remove a budget; work that waits for it continues',
    params,
    answer: { about: 'the budget is removed', schema: z.object({ scope: z.string() }) },
    errors: ['not_found', 'scope_missing'],
  },
})

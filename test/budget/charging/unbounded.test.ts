import { expect, it, test } from 'vitest'
import { isPaidModel, unboundedNotice } from '../../../src/budget/room/charging/unbounded.ts'

const isPaid = (model?: string) => model !== 'lab/free'
const support = { name: 'support' }
const bounded = { name: 'clerk', budget: 0.5 }

test.each([
  ['no budget at all', { agents: [support, bounded] }, /support may use a model.*budgets: \{ day: 1 \}/],
  ['a list with a paid model', { agents: [{ ...support, model: ['lab/free', 'lab/one'] }] }, /support/],
  ['a budget of a day', { agents: [support], budgets: { day: 1 } }, undefined],
  ['a budget of the agent', { agents: [bounded] }, undefined],
  ['a free model', { agents: [{ ...support, model: 'lab/free' }] }, undefined],
  ['no agent', { agents: [] }, undefined],
])('%s', (_, given, told) => {
  const notice = unboundedNotice({ ...given, isPaid })
  if (told) expect(notice).toMatch(told)
  else expect(notice).toBeUndefined()
})

it('a model costs money if its price says so, and one without a price cannot spend a budget', () => {
  const prices: { readonly [model: string]: object } = { 'lab/one': { input: 1, output: 2 }, 'lab/free': { input: 0 } }
  const known = { priceOf: (model = 'lab/one') => prices[model] }
  expect([undefined, 'lab/free', 'lab/other'].map((model) => isPaidModel(known, model))).toEqual([true, false, false])
})

import { expect, test } from 'vitest'
import { budgetActor } from '../../../src/budget/actor.ts'
import { createReservations } from '../../../src/budget/room/charging/reservations.ts'
import { budgetRef } from '../../../src/budget/scope.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { inlineEngine } from '../../../src/engine/inline/engine.ts'
import { BusyError } from '../../../src/errors.ts'
import { NO_LIMITS } from '../fixture.ts'

// who borrows is to be there
const BORROWER = 'thread/main'
const ALL = 'owner/ann'
const DAY = 'owner-day/ann'

/** Two budgets, of which the second is too busy once. */
async function open() {
  const engine = inlineEngine({ actors: [budgetActor()] })
  for (const scope of [ALL, DAY, BORROWER]) await engine.ask(budgetRef(scope), { type: 'set', limit: 1000 })
  let isBusy = true
  const ask: Engine['ask'] = async (to, body, options) => {
    const { type } = body as { readonly type: string }
    if (type !== 'reserve' || to.key !== DAY || !isBusy) return engine.ask(to, body, options)
    isBusy = false
    throw new BusyError('a flush failed')
  }
  const busy: Engine = { ...engine, ask }
  const reservations = createReservations({ engine: busy }, {}, NO_LIMITS)
  const stateOf = (scope: string) => engine.view.peek(budgetRef(scope))
  return { reservations, stateOf }
}

test('a call for which one of its budgets could not be asked has taken nothing of the others', async () => {
  const { reservations, stateOf } = await open()
  const budgets = [ALL, DAY].map((scope) => ({ scope, owner: 'ann' }))
  const payer = { by: `budget/${BORROWER}`, of: [] }
  await expect(reservations.reserve({ ...payer, id: 'c1#1' }, budgets, 600)).rejects.toThrow('a flush failed')
  expect(await stateOf(ALL)).toMatchObject({ reserved: 0, spent: 0, calls: 0 })
  await reservations.reserve({ ...payer, id: 'c1#2' }, budgets, 600)
  expect(await stateOf(ALL)).toMatchObject({ reserved: 600, spent: 0, calls: 0 })
  expect(await stateOf(DAY)).toMatchObject({ reserved: 600, spent: 0, calls: 0 })
})

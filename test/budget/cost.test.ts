import { expect, test } from 'vitest'
import { z } from 'zod'
import { budgetActor } from '../../src/budget/actor.ts'
import { COST_KIND, costActor, MAX_COST_ROWS } from '../../src/budget/cost-day.ts'
import { createReservations } from '../../src/budget/room/charging/reservations.ts'
import { sumCosts } from '../../src/budget/room/cost.ts'
import type { CostQuery } from '../../src/budget/room/port.ts'
import { budgetRef } from '../../src/budget/scope.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { defineActor } from '../../src/kernel/turn.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { NO_LIMITS } from './fixture.ts'

const DAY = 86_400_000
const NOON = Date.parse('2026-03-01T12:00Z')

/** Stands for a goal: its index names its owner and its agent. */
const goalActor = defineActor<null, { owner: string; agent: string } | 'end'>({
  kind: 'agent',
  message: z.union([z.object({ owner: z.string(), agent: z.string() }), z.literal('end')]),
  initial: () => null,
  receive: (_state, message) => (message === 'end' ? { stop: true, reply: null } : { index: message, reply: null }),
})

async function open() {
  const clock = simulatedClock(NOON)
  const engine = inlineEngine({ actors: [budgetActor(), costActor(), goalActor], clock })
  const reservations = createReservations({ engine }, { owner: 50_000_000 }, NO_LIMITS)
  for (const [key, owner, agent] of GOALS) await engine.ask({ kind: 'agent', key }, { owner, agent })
  const payerOf = (goal: string, id: string) => ({ id, by: `agent/${goal}`, of: [`goal/${goal}`] })
  async function begin(goal: string, id: string, model = 'lab/one') {
    const payer = payerOf(goal, id)
    await reservations.reserve(payer, await reservations.budgetsOf(payer), 9_000_000, model)
  }
  async function pay(goal: string, id: string, dollars: number, model?: string) {
    await begin(goal, id, model)
    const payer = payerOf(goal, id)
    await reservations.settle(payer, await reservations.budgetsOf(payer), dollars * 1e6, 10)
  }
  const cost = async (query: CostQuery = {}) => {
    await clock.advance(1_000)
    return sumCosts(engine.view, query)
  }
  const namesIn = async (query: CostQuery) =>
    Object.fromEntries((await cost(query)).items.map((item) => [item.name ?? '-', item.cost]))
  return { clock, engine, begin, pay, cost, namesIn }
}

const GOALS = [
  ['g1', 'ann', 'clerk'],
  ['g2', 'ann', 'scribe'],
  ['g3', 'bob', 'clerk'],
] as const

test('bookings of budgets are summed by owner, agent, model and day', async () => {
  const { clock, pay, cost, namesIn } = await open()
  expect(await cost()).toEqual({ total: { cost: 0, calls: 0, tokens: 0 }, items: [] })
  await pay('g1', 'c1#1', 1)
  await pay('g2', 'c2#1', 2, 'lab/two')
  await clock.advance(DAY)
  await pay('g1', 'c3#1', 0.5, 'lab/two')
  await pay('g3', 'c4#1', 4)
  expect(await cost()).toEqual({
    since: '2026-03-01',
    total: { cost: 7.5, calls: 4, tokens: 40 },
    items: [
      { name: '2026-03-02', cost: 4.5, calls: 2, tokens: 20 },
      { name: '2026-03-01', cost: 3, calls: 2, tokens: 20 },
    ],
  })
  expect(await namesIn({ by: 'owner' })).toEqual({ bob: 4, ann: 3.5 })
  expect(await namesIn({ by: 'agent' })).toEqual({ clerk: 5.5, scribe: 2 })
  expect(await namesIn({ by: 'model' })).toEqual({ 'lab/one': 5, 'lab/two': 2.5 })
  expect(await namesIn({ by: 'model', owner: 'ann', since: '2026-03-02' })).toEqual({ 'lab/two': 0.5 })
  expect(await cost({ since: '2026-03-03' })).toMatchObject({ since: '2026-03-01', total: { calls: 0 }, items: [] })
})

test('a call that is made again after it was settled counts once, also on the next day', async () => {
  const { clock, pay, cost } = await open()
  await pay('g1', 'c1#1', 1)
  await pay('g1', 'c1#1', 1)
  expect((await cost()).total).toEqual({ cost: 1, calls: 1, tokens: 10 })
  await clock.advance(DAY)
  await pay('g1', 'c1#1', 3)
  expect((await cost()).total).toEqual({ cost: 3, calls: 1, tokens: 10 })
})

test('a call whose end is unknown counts with its maximum, when its borrower goes on or ends', async () => {
  const { begin, pay, cost, engine } = await open()
  await begin('g1', 'c1#1')
  await begin('g1', 'c1#1')
  expect((await cost()).total.calls).toBe(0)
  await pay('g1', 'c2#1', 1)
  expect((await cost()).total).toMatchObject({ cost: 10, calls: 2 })
  await begin('g2', 'c3#1')
  await engine.ask({ kind: 'agent', key: 'g2' }, 'end')
  expect((await cost()).total).toMatchObject({ cost: 19, calls: 3 })
})

test('a call that a budget of a goal alone covers is booked, also when the goal ends in the middle of it', async () => {
  const clock = simulatedClock(NOON)
  const engine = inlineEngine({ actors: [budgetActor(), costActor(), goalActor], clock })
  await engine.ask({ kind: 'agent', key: 'g1' }, { owner: 'ann', agent: 'clerk' })
  const scope = 'goal/g1'
  await engine.ask(budgetRef(scope), { type: 'set', limit: 5_000_000, owner: 'ann' })
  const reservations = createReservations({ engine }, {}, NO_LIMITS)
  const payer = { id: 'c1#1', by: 'agent/g1', of: [scope] }
  await reservations.reserve(payer, await reservations.budgetsOf(payer), 2_000_000, 'lab/one')
  await engine.ask({ kind: 'agent', key: 'g1' }, 'end')
  await clock.advance(1_000)
  expect(await engine.view.peek(budgetRef(scope))).toBeUndefined()
  expect(await sumCosts(engine.view, { by: 'agent' })).toMatchObject({ items: [{ name: 'clerk', cost: 2, calls: 1 }] })
})

test('a day has a bounded number of sums, and the rest is summed as other', async () => {
  const { engine, cost, namesIn } = await open()
  const day = { kind: COST_KIND, key: 'ann.2026-03-01' }
  const book = (agent: string, amount: number, calls = 1) =>
    engine.tell(day, { type: 'book', owner: 'ann', day: '2026-03-01', agent, amount, calls, tokens: 0 })
  for (let n = 0; n < MAX_COST_ROWS + 2; n++) await book(`a${n}`, 1e6)
  await book(`a${MAX_COST_ROWS}`, -1e6, -1)
  await book('a0', 1e6)
  expect((await cost()).total).toMatchObject({ cost: MAX_COST_ROWS + 2, calls: MAX_COST_ROWS + 2 })
  const sums = await namesIn({ by: 'agent' })
  expect(Object.keys(sums)).toHaveLength(MAX_COST_ROWS + 1)
  expect(sums).toMatchObject({ other: 1, a0: 2 })
})

test('sums that were removed stay removed when a booking is undone', async () => {
  const { engine, pay, cost } = await open()
  await pay('g1', 'c1#1', 1)
  await cost()
  await engine.ask({ kind: COST_KIND, key: 'ann.2026-03-01' }, { type: 'expire' })
  await engine.tell(
    { kind: COST_KIND, key: 'ann.2026-03-01' },
    { type: 'book', owner: 'ann', day: '2026-03-01', amount: -1e6, calls: -1, tokens: 0 },
  )
  expect(await cost()).toEqual({ total: { cost: 0, calls: 0, tokens: 0 }, items: [] })
})

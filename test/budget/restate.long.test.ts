import { expect, it, onTestFinished } from 'vitest'
import { budgetActor } from '../../src/budget/actor.ts'
import { MICROS_PER_DOLLAR } from '../../src/budget/money.ts'
import { createReservations } from '../../src/budget/room/charging/reservations.ts'
import { budgetRef } from '../../src/budget/scope.ts'
import type { BudgetState } from '../../src/budget/state.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { restateEngine } from '../../src/engine/restate/engine.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { workLimits } from '../../src/runtime/open/step-services.ts'
import { until } from '../../src/testing/until.ts'
import { actor, ref } from '../../trials/conformance/actors.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import { memoryValues } from '../pipeline/workshop.ts'

const SCOPE = 'owner/local'

describeOnRestate('on a Restate server', () => {
  const server = useRestate()

  /** Actors that each make one call that may cost two dollars and takes one. */
  async function openEngine(crash: { now: boolean }) {
    const calls: string[] = []
    const worker = actor('worker', 0, async (count, _message, effects) => {
      const payer = { id: `${effects.message.id}/call#1`, by: `worker/${effects.self.key}`, of: [] }
      await effects.run('call', async () => {
        await reservations.reserve(payer, budgets, 2 * MICROS_PER_DOLLAR)
        calls.push(effects.self.key)
        // the process is gone before it can say what the call took
        if (crash.now) throw new Error('a crash')
        await reservations.settle(payer, budgets, MICROS_PER_DOLLAR)
        return null
      })
      return { state: count + 1, reply: count + 1 }
    })
    const budgets = [{ scope: SCOPE, owner: 'local' }]
    const engine: Engine = restateEngine({ ...server.now(), namespace: 'money', actors: [budgetActor(), worker] })
    const reservations = createReservations({ engine }, {}, workLimits({ engine }, memoryValues()))
    onTestFinished(() => engine.stop({ grace: 0 }))
    await engine.start()
    return { engine, calls }
  }

  it('a call whose end nobody told is made again and counted once; nothing stays reserved', async () => {
    const crash = { now: true }
    const { engine, calls } = await openEngine(crash)
    const ask = (body: Json) => engine.ask(budgetRef(SCOPE), body)
    const budget = async () => (await engine.view.peek(budgetRef(SCOPE))) as BudgetState
    await ask({ type: 'set', limit: 3 * MICROS_PER_DOLLAR })
    const done = engine.ask(ref('worker'), null)
    await until(() => calls.length > 0)
    expect(await budget()).toMatchObject({ reserved: 2 * MICROS_PER_DOLLAR, spent: 0 })
    crash.now = false
    expect(await done).toBe(1)
    expect(await budget()).toMatchObject({
      reserved: 0,
      spent: MICROS_PER_DOLLAR,
      calls: 1,
      repeated: calls.length - 1,
    })

    await expect(engine.ask(ref('worker', 'other'), null)).resolves.toBe(1)
    await expect(engine.ask(ref('worker', 'third'), null)).rejects.toMatchObject({ code: 'out_of_money' })
    expect(await budget()).toMatchObject({ reserved: 0, spent: 2 * MICROS_PER_DOLLAR, calls: 2 })
  })
})

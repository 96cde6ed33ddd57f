import { expect, test } from 'vitest'
import { budgetActor } from '../../../src/budget/actor.ts'
import { MICROS_PER_DOLLAR } from '../../../src/budget/money.ts'
import { budgetRef } from '../../../src/budget/scope.ts'
import { outOfMoney } from '../../../src/budget/shortfall.ts'
import { actionPhase } from '../../../src/chain/phases/action.ts'
import { webPhase } from '../../../src/chain/phases/experience.ts'
import { createPhases, registerPhase } from '../../../src/chain/phases/registry.ts'
import type { Phase } from '../../../src/chain/protocol/phase.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { setUp } from '../fixture.ts'

const SCOPE = 'thread/t'

const stateOf = async ({ view }: Pick<Engine, 'view'>) =>
  (await view.peek({ kind: 'chain', key: 't' })) as
    | { readonly current: { readonly waiting: string[]; readonly parked?: string[] } }
    | undefined

test('the deadline of an ask pauses while one search waits for money, also if the other one ends', async () => {
  const clock = simulatedClock()
  const held = gate()
  let isPoor = true
  const vectors: Phase<'experience.vectors'> = {
    name: 'experience.vectors',
    modality: 'text',
    initial: (modality) => ({ modality, knowledgeBase: [], retrievedContext: [] }),
    async run(state) {
      if (isPoor) throw outOfMoney('too little', { scope: SCOPE, amount: MICROS_PER_DOLLAR })
      return { state, output: { hits: [], sources: [], summary: 'paid for' }, text: 'paid for', status: 'completed' }
    },
  }
  const web: Phase<'experience.web'> = {
    ...webPhase,
    modality: 'text',
    async run(...given) {
      await held.pass()
      return webPhase.run(...given)
    },
  }
  const phases = [vectors, web].reduce((all, phase) => registerPhase(all, phase), createPhases())
  const { engine, ask, events } = setUp({ clock, phases, actors: [budgetActor()], limits: { deadline: 5000 } })
  const money = (limit: number) => engine.ask(budgetRef(SCOPE), { type: 'set', limit })
  await money(0)
  const asked = ask('why?', { files: [] })
  await until(async () => (await stateOf(engine))?.current.parked !== undefined)
  expect(await engine.view.list('chain', { where: { inbox: 1 } })).toHaveLength(1)
  held.release()
  await until(async () => (await stateOf(engine))?.current.waiting.length === 1)
  await clock.advance(60_000)
  isPoor = false
  await money(2 * MICROS_PER_DOLLAR)
  expect(await asked).toMatchObject({ answer: 'the answer v1', degraded: [] })
  expect((await engine.view.list('chain'))[0]!.index).not.toHaveProperty('inbox')
  const seen = (await events()).map(({ body }) => body)
  expect(seen.find((body) => body.type === 'phase-end' && body.phase === 'experience.vectors')).toMatchObject({
    status: 'completed',
    text: 'paid for',
  })
})

/** Action, which thinks so often; it has money for all but the last thought. */
function thinking(times: number, size = 0) {
  let isPoor = true
  const action: Phase<'action'> = {
    ...actionPhase,
    modality: 'text',
    async run(state, input, context) {
      for (let thought = 1; thought < times; thought++) await actionPhase.run(state, input, context)
      if (isPoor) throw outOfMoney('too little', { scope: SCOPE, amount: MICROS_PER_DOLLAR })
      const result = await actionPhase.run(state, input, context)
      return { ...result, state: { ...result.state, currentInput: 'x'.repeat(size) } }
    },
  }
  const getRich = () => {
    isPoor = false
  }
  return { phases: registerPhase(createPhases(), action), getRich }
}

test('a phase thinks as often as it likes', async () => {
  const { phases, getRich } = thinking(3)
  getRich()
  const { ask, steps } = setUp({ phases })
  expect(await ask('why?')).toMatchObject({ status: 'completed', degraded: [] })
  expect(steps().filter((step) => step === 'action')).toHaveLength(3)
})

test('model calls that a phase made before it waited for money are not repeated, and count once', async () => {
  const { phases, getRich } = thinking(2)
  const { engine, ask, steps } = setUp({ phases, actors: [budgetActor()] })
  const money = (limit: number) => engine.ask(budgetRef(SCOPE), { type: 'set', limit })
  await money(0)
  const asked = ask('why?')
  await until(async () => (await stateOf(engine))?.current.parked !== undefined)
  getRich()
  await money(2 * MICROS_PER_DOLLAR)
  const { usage } = await asked
  expect(steps().filter((step) => step === 'action')).toHaveLength(2)
  const once = (await setUp().ask('why?')).usage
  const action = thinking(2)
  action.getRich()
  expect(usage).toEqual((await setUp({ phases: action.phases }).ask('why?')).usage)
  expect(usage.output).toBeGreaterThan(once.output)
  for await (const [name] of engine.view.parts({ kind: 'phase', key: 't.action' })) expect(name).toBe('')
})

test('a phase that cannot even answer once it has its money has failed, as one that did not wait', async () => {
  const { phases, getRich } = thinking(1, 70_000)
  const { engine, ask } = setUp({ phases, actors: [budgetActor()] })
  const money = (limit: number) => engine.ask(budgetRef(SCOPE), { type: 'set', limit })
  await money(0)
  const asked = ask('why?')
  asked.catch(() => {})
  await until(async () => (await stateOf(engine))?.current.parked !== undefined)
  getRich()
  await money(2 * MICROS_PER_DOLLAR)
  const failed = { code: 'too_large', message: 'the state of phase is larger than 64 KiB.' }
  await expect(asked).rejects.toMatchObject(failed)
  await expect(ask('and now?')).rejects.toMatchObject(failed)
})

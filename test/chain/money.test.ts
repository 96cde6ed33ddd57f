import { expect, test } from 'vitest'
import { budgetActor } from '../../src/budget/actor.ts'
import { DOLLAR } from '../../src/budget/money.ts'
import { budgetRef } from '../../src/budget/scope.ts'
import type { Phase } from '../../src/chain/phase-port.ts'
import { actionPhase } from '../../src/chain/phases/action.ts'
import { webLeg } from '../../src/chain/phases/experience.ts'
import { createPhases, registerPhase } from '../../src/chain/registry.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { BudgetError } from '../../src/errors.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { setUp } from './fixture.ts'

const SCOPE = 'thread/t'

const stateOf = async ({ view }: Pick<Engine, 'view'>) =>
  (await view.peek({ kind: 'chain', key: 't' })) as
    | { readonly current: { readonly waiting: string[]; readonly parked?: string[] } }
    | undefined

test('while one leg waits for money the other may end: the time of the question stands still all the same', async () => {
  const clock = simulatedClock()
  const held = gate()
  let isPoor = true
  const vectors: Phase<'experience.vectors'> = {
    name: 'experience.vectors',
    modality: 'text',
    initial: (modality) => ({ modality, knowledgeBase: [], retrievedContext: [] }),
    async run(state) {
      if (isPoor) throw new BudgetError('too little', { budget: { scope: SCOPE, amount: DOLLAR } })
      return { state, output: { hits: [], sources: [], summary: 'paid for' }, text: 'paid for', status: 'completed' }
    },
  }
  const web: Phase<'experience.web'> = {
    ...webLeg,
    modality: 'text',
    async run(...given) {
      await held.pass()
      return webLeg.run(...given)
    },
  }
  const phases = [vectors, web].reduce((all, phase) => registerPhase(all, phase), createPhases())
  const { engine, ask, events } = setUp({ clock, phases, actors: [budgetActor()], limits: { deadline: 5000 } })
  const money = (limit: number) => engine.ask(budgetRef(SCOPE), { type: 'set', limit })
  await money(0)
  const asked = ask('why?')
  await until(async () => (await stateOf(engine))?.current.parked !== undefined)
  held.release()
  await until(async () => (await stateOf(engine))?.current.waiting.length === 1)
  await clock.advance(60_000)
  isPoor = false
  await money(2 * DOLLAR)
  expect(await asked).toMatchObject({ answer: 'the answer v1', degraded: [] })
  const seen = (await events()).map(({ body }) => body)
  expect(seen.find((body) => body.type === 'phase-end' && body.phase === 'experience.vectors')).toMatchObject({
    ...{ status: 'completed', text: 'paid for' },
  })
})

test('what a phase used before it waited for money is counted', async () => {
  let isPoor = true
  const action: Phase<'action'> = {
    ...actionPhase,
    modality: 'text',
    async run(state, input, hands) {
      const result = await actionPhase.run(state, input, hands)
      if (isPoor) throw new BudgetError('too little', { budget: { scope: SCOPE, amount: DOLLAR } })
      return result
    },
  }
  const phases = registerPhase(createPhases(), action)
  const { engine, ask, model } = setUp({ phases, actors: [budgetActor()] })
  const money = (limit: number) => engine.ask(budgetRef(SCOPE), { type: 'set', limit })
  await money(0)
  const asked = ask('why?')
  await until(async () => (await stateOf(engine))?.current.parked !== undefined)
  isPoor = false
  await money(2 * DOLLAR)
  const { usage } = await asked
  const once = setUp()
  const usual = (await once.ask('why?')).usage
  expect(model.calls).toHaveLength(once.model.calls.length + 1)
  expect(usage.output - usual.output).toBeGreaterThan(0)
  expect(usage.input - usual.input).toBeGreaterThan(0)
})

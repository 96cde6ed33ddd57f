import { expect, test } from 'vitest'
import { handleDeadline } from '../../../src/chain/ask/deadline.ts'
import { createLimits } from '../../../src/chain/protocol/limits.ts'
import type { Effects } from '../../../src/kernel/types.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import type { CurrentAsk } from '../../../src/thread/protocol/ask-state.ts'
import { brief, setUp, stepOf } from '../fixture.ts'

const never = gate()

async function reach(step: string, count: number, { model }: ReturnType<typeof setUp>) {
  await until(() => model.calls.filter(({ prompt }) => stepOf(prompt) === step).length === count)
}

test('an ask without any answer when its time is up fails, and the next one begins', async () => {
  const clock = simulatedClock()
  const action = [{ gate: never.pass(), times: 1 }, { reply: 'first answer' }]
  const chain = setUp({ clock, script: { action }, limits: { deadline: 5000 } })
  const first = chain.ask('one').catch((error: unknown) => error)
  const second = chain.ask('two')
  await reach('action', 1, chain)
  await clock.advance(5000)
  expect(await first).toMatchObject({ code: 'timeout' })
  expect(await second).toMatchObject({ status: 'completed' })
})

test.each([
  ["without texts Action's answer stands", [], { answer: 'first answer', degraded: [{ phase: 'observation' }] }],
  ['with texts there is none', ['moon.md'], { code: 'timeout' }],
])('in the first cycle %s', async (_, files, outcome) => {
  const clock = simulatedClock()
  const chain = setUp({ clock, script: { observation: { gate: never.pass() } }, limits: { deadline: 5000 } })
  const asked = chain.ask('one', { files }).catch((error: unknown) => error)
  await reach('observation', 1, chain)
  await clock.advance(5000)
  expect(await asked).toMatchObject(outcome)
})

test('a deadline that comes while a phase waits for money ends nothing', async () => {
  const current: CurrentAsk = {
    n: 1,
    id: 'ask_1',
    cycle: 1,
    since: 0,
    due: 5000,
    loops: [],
    waiting: ['experience.vectors'],
    parked: ['experience.vectors'],
  }
  const state = { asks: 1, current, queue: [], remembered: [] }
  expect(await handleDeadline(state, 1, {} as Effects, createLimits())).toEqual({})
})

test('in a later cycle Yield answers from the complete one', async () => {
  const clock = simulatedClock()
  const script = {
    intention: [{ reply: { explicitIntent: 'to know' }, times: 1 }, { gate: never.pass() }],
    understanding: { loop: true, gaps: ['x'], target: 'intention', synthesis: 'DRAFT-1' },
  }
  const chain = setUp({ clock, script, limits: { deadline: 5000 } })
  const asked = chain.ask('one')
  await reach('intention', 2, chain)
  await clock.advance(5000)
  expect(await asked).toMatchObject({ answer: 'the answer <vid>v1</vid>', degraded: [{ phase: 'intention' }] })
  expect(brief(await chain.events()).slice(-4)).toEqual([
    'yield: deadline',
    'start yield 2',
    'completed yield 2',
    'ask-end completed',
  ])
  expect(chain.model.calls.at(-1)!.prompt).toContain('DRAFT-1')
})

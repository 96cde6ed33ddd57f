import { expect, test } from 'vitest'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { brief, setUp, stepOf } from '../../chain/fixture.ts'

const chain = { kind: 'chain', key: 't' }

test('an ask cancelled during Observation stops its model call and ends cancelled; a later ask on the thread works', async () => {
  const held = gate()
  const observation = [
    { gate: held.pass(), reply: { observations: ['LATE'] }, times: 1 },
    { reply: { observations: ['noted'] } },
  ]
  const { ask, engine, events, model, record } = setUp({ script: { observation } })
  const first = ask('one', { id: 'ask_1' }).catch((error: unknown) => error)
  const call = await until(() => model.calls.find(({ prompt }) => stepOf(prompt) === 'observation'))
  await engine.cancel(chain, 'ask_1', 'changed my mind')
  expect(await first).toMatchObject({ code: 'cancelled', message: 'changed my mind' })
  await until(() => call.options.abortSignal?.aborted)
  expect(await record(1)).toMatchObject({ status: 'cancelled', answer: '' })
  held.release()
  expect(await ask('two', { id: 'ask_2' })).toMatchObject({ status: 'completed' })
  const told = await events('t', 2)
  expect(brief(told).filter((line) => line.startsWith('ask-end'))).toEqual(['ask-end cancelled', 'ask-end completed'])
  expect(model.calls.some(({ prompt }) => prompt.includes('LATE'))).toBe(false)
  expect(await engine.deadLetters.list()).toEqual([])
})

test('an ask cancelled while it waits never begins, and the asks before and after it are answered', async () => {
  const held = gate()
  const action = [{ gate: held.pass(), reply: 'first answer', times: 1 }, { reply: 'first answer' }]
  const { ask, engine, events, model } = setUp({ script: { action } })
  const asked = ['ask_1', 'ask_2', 'ask_3'].map((id) => ask(`PROMPT-${id}`, { id }).catch((error: unknown) => error))
  await until(() => model.calls.length === 1)
  await engine.cancel(chain, 'ask_2', 'not needed')
  expect(await asked[1]).toMatchObject({ code: 'cancelled' })
  held.release()
  expect(await asked[0]).toMatchObject({ status: 'completed' })
  expect(await asked[2]).toMatchObject({ status: 'completed' })
  expect(model.calls.some(({ prompt }) => prompt.includes('PROMPT-ask_2'))).toBe(false)
  const told = await events('t', 3)
  const types = told.flatMap(({ correlationId, body }) => (correlationId === 'ask_2' ? [body.type] : []))
  expect(types).toEqual(['ask-queue', 'ask-end'])
})

test('cancelling the ask in progress starts the next ask in the queue', async () => {
  const held = gate()
  const { ask, engine, model } = setUp({
    script: { action: [{ gate: held.pass(), times: 1 }, { reply: 'first answer' }] },
  })
  const first = ask('one', { id: 'ask_1' }).catch((error: unknown) => error)
  const second = ask('two', { id: 'ask_2' })
  await until(() => model.calls.length === 1)
  await engine.cancel(chain, 'ask_1', 'enough')
  expect(await first).toMatchObject({ code: 'cancelled' })
  expect(await second).toMatchObject({ status: 'completed' })
})

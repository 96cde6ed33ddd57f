import { expect, test } from 'vitest'
import { type ScriptedTurn, scriptedModel } from '../../../src/testing/scripted-model.ts'
import { until } from '../../../src/testing/until.ts'
import { fastClock } from '../../fast-clock.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const failing = (statusCode: number, message: string, times = Number.POSITIVE_INFINITY): ScriptedTurn => ({
  error: { statusCode, message },
  times,
})
const LIST = call('filesystem_list', { path: '.' })
const usage = { input: 10, output: 1 }

/** A goal of an agent whose `model` is a list: the first one follows a script, the second one another. */
async function goal(first: readonly ScriptedTurn[], second: readonly ScriptedTurn[], yaml = 'patience: 10s\n') {
  const other = scriptedModel(second, 'lab/two')
  const opened = await openGoals(first, yaml, {
    clock: fastClock(Date.now(), 100),
    own: { 'lab/two': other },
    config:
      'model: lab/one\nmodels:\n  - { id: lab/one, cost: { input: 1, output: 1 } }\n  - { id: lab/two, cost: { input: 2, output: 2 } }\n',
  })
  const agent = { ...CLERK, model: 'lab/one', otherModels: ['lab/two'] }
  const { id } = await opened.runtime.goals.start({ agent, goal: 'List.' })
  await opened.runtime.idle()
  return { ...opened, other, id, read: () => opened.runtime.goals.get(id) }
}

test.each([
  ['is overloaded', failing(503, 'overloaded')],
  ['has a wrong key', failing(401, 'invalid api key')],
  ['has no money', failing(429, 'Your prepayment credits are depleted.')],
  ['writes calls that nobody can read', failing(400, 'tool_use_failed')],
])('a goal asks the next model of its list at once if the first one %s', async (_, fault) => {
  const { read, other } = await goal([fault], [{ ...LIST, times: 1 }, answer('well')])
  expect(await read()).toMatchObject({ status: 'completed', answer: 'well', rounds: [{}, {}] })
  expect(other.calls).toHaveLength(2)
})

test('the first model is asked first in each round', async () => {
  const { read, other, model } = await goal([failing(503, 'overloaded', 1), answer('well')], [{ ...LIST, times: 1 }])
  expect(await read()).toMatchObject({ status: 'completed', answer: 'well' })
  expect([model.calls.length, other.calls.length]).toEqual([2, 1])
  // the first round says why another one answered it
  const [first, second] = (await read()).rounds
  expect(first!.again).toMatchObject([{ message: expect.stringContaining('overloaded') }])
  expect(second).not.toHaveProperty('again')
})

test('the goal waits for its provider if one of the models may answer later', async () => {
  const script = [failing(503, 'overloaded', 2), answer('well')]
  // on a busy machine, the fast clock passes ten seconds between two attempts
  const { read, model } = await goal(script, [failing(401, 'invalid api key')], 'patience: 1h\n')
  await until(async () => (await read()).status === 'completed')
  expect(await read()).toMatchObject({ status: 'completed', answer: 'well' })
  expect(model.calls).toHaveLength(3)
})

test('if none can answer, the goal waits for a person and names both reasons', async () => {
  const { read, other } = await goal([failing(402, 'Insufficient balance')], [failing(401, 'invalid api key')])
  const { status, wait } = await read()
  expect([status, wait]).toMatchObject(['waiting', { type: 'model', code: 'model_quota_spent' }])
  expect(wait!.title).toMatch(/lab\/one failed.*Insufficient balance.*lab\/two failed.*invalid api key/)
  expect(other.calls).toHaveLength(1)
})

test('a refusal of the model ends the goal: no other model is asked', async () => {
  const refused: ScriptedTurn = { reply: 'I cannot help.', finish: 'content-filter', usage }
  const { read, other } = await goal([refused], [answer('well')])
  expect(await read()).toMatchObject({ status: 'failed', problem: { code: 'model_refused' } })
  expect(other.calls).toHaveLength(0)
})

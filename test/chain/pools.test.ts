import { expect, test } from 'vitest'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { NEEDS_HANDS, type WorkPool } from '../../src/worker/work-pool.ts'
import { poolsOf } from '../worker/pools.ts'
import { setUp, stepOf } from './fixture.ts'

const selectionOf = (record: { readonly trace: readonly { phase: string; selection: readonly string[] }[] }) =>
  Object.fromEntries(
    record.trace.map(({ phase, selection }) => [phase, selection.filter((key) => key.endsWith('_pool'))]),
  )

test('each phase works in its own pool, and the record of the ask tells by which ids it was found', async () => {
  const known = /^text_(?:\w+?_)?pool$/
  const special = 'text_experience_medical_pool'
  const exists = (id: string) => id === special || (known.test(id) && !id.includes('medical'))
  const pools = poolsOf({ workers: 2 }, { exists })
  const { ask, record } = setUp({ pools, domains: ['medical'] })
  await ask('it hurts', { domain: 'medical' })
  expect(selectionOf(await record(1))).toEqual({
    action: ['text_action_medical_pool', 'text_action_pool'],
    'experience.vectors': [special],
    'experience.web': [special],
    intention: ['text_intention_medical_pool', 'text_intention_pool'],
    observation: ['text_observation_medical_pool', 'text_observation_pool'],
    understanding: ['text_understanding_medical_pool', 'text_understanding_pool'],
    yield: ['text_yield_medical_pool', 'text_yield_pool'],
  })
  const done = Object.fromEntries(pools.all().map((pool) => [pool.id, pool.stats().done]))
  expect(done).toMatchObject({ text_action_pool: 1, text_yield_pool: 1 })
  expect(done[special]).toBeGreaterThanOrEqual(2)
})

test('a phase without a pool fails by name', async () => {
  const { ask } = setUp({ pools: poolsOf({}, { exists: (id) => id !== 'text_action_pool' }) })
  await expect(ask('why?')).rejects.toMatchObject({
    code: 'pool_not_found',
    message: 'No pool for action of text: tried text_action_pool.',
  })
})

test('a model is only ever asked in a task of its phase, on its own worker', async () => {
  const pools = poolsOf({ workers: 2 })
  const working = (prompt: string) =>
    pools
      .all()
      .flatMap((pool) => pool.report().each.flatMap(({ id, running }) => (running > 0 ? [`${pool.id} ${id}`] : [])))
      .includes(`text_${stepOf(prompt)}_pool own/model`)
  const own = scriptedModel(
    [
      { match: (prompt) => working(prompt) && /Understanding: /.test(prompt), reply: { loop: false } },
      { match: (prompt) => working(prompt) && /(?:Intention|Observation): /.test(prompt), reply: {} },
      { match: working, reply: 'yes <vid>v1</vid>' },
    ],
    'own/model',
  )
  const { ask } = setUp({ pools, others: { 'own/model': own } })
  const reply = await ask('why?', { models: { default: 'own/model' } })
  expect(reply).toMatchObject({ answer: 'yes <vid>v1</vid>', model: 'own/model' })
  expect(own.calls.length).toBeGreaterThan(5)
})

test.each([
  [{}, 'high'],
  [{ payer: 'run/r1' }, 'normal'],
])('an ask of a person goes before an ask of a run: %j', async (payer, priority) => {
  const seen = new Set<string>()
  const dress = (pool: WorkPool): WorkPool => ({
    ...pool,
    submit(task) {
      seen.add(`${task.needs === NEEDS_HANDS ? 'hands' : 'model'} ${task.priority}`)
      return pool.submit(task)
    },
  })
  const { ask } = setUp({ pools: poolsOf({}, { dress }) })
  await ask('why?', { files: ['moon.md'], ...payer })
  expect([...seen].toSorted()).toEqual([`hands ${priority}`, `model ${priority}`])
})

test('a pool may say who answers in it, and a question may say otherwise', async () => {
  const house = scriptedModel([{ reply: 'from the house' }], 'house/model')
  const guest = scriptedModel([{ reply: 'from the guest' }], 'guest/model')
  const { find } = poolsOf({ models: ['house/model'] })
  const others = poolsOf({})
  const pools = {
    find: (wanted: Parameters<typeof find>[0]) => (wanted.phase === 'yield' ? find : others.find)(wanted),
  }
  const { ask } = setUp({ pools, others: { 'house/model': house, 'guest/model': guest } })
  expect(await ask('why?', { files: [] })).toMatchObject({ answer: 'from the house', model: 'house/model' })
  const models = { yield: 'guest/model' }
  expect(await ask('why?', { models, files: [] })).toMatchObject({ answer: 'from the guest', model: 'guest/model' })
})

test('a model that failed too often is skipped: another one answers at once, or the ask fails with the reason', async () => {
  const down = scriptedModel([{ error: new Error('status 503') }], 'down/model')
  const spare = scriptedModel([{ reply: 'from the spare' }], 'spare/model')
  const { ask } = setUp({ others: { 'down/model': down, 'spare/model': spare } })
  await expect(ask('why?', { models: { action: 'down/model' } })).rejects.toMatchObject({ code: 'model_unavailable' })
  expect(down.calls).toHaveLength(3)
  const both = await ask('why?', { models: { action: ['down/model', 'spare/model'] } })
  expect(both).toMatchObject({ answer: 'the answer <vid>v1</vid>', degraded: [] })
  await expect(ask('why?', { models: { action: 'down/model' } })).rejects.toMatchObject({
    code: 'workers_unhealthy',
    message: expect.stringMatching(
      /^The model down\/model has failed too often in a row\. It is asked again in \d+ s\.$/,
    ),
  })
  expect([down.calls.length, spare.calls.length]).toEqual([3, 1])
})

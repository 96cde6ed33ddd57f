import { expect, test } from 'vitest'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { setUp } from '../chain/fixture.ts'

test('a hundred asks on one thread are served one at a time, in the order they came', async () => {
  const { ask, events } = setUp()
  const ids = Array.from({ length: 100 }, (_, at) => `ask_${at}`)
  await Promise.all(ids.map((id) => ask('why?', { id })))
  const told = await events('t', 100)
  const orderOf = (type: string) =>
    told.flatMap(({ correlationId, body }) => (body.type === type ? [correlationId] : []))
  expect(orderOf('ask-start')).toEqual(ids)
  expect(orderOf('ask-queue')).toEqual(ids.slice(1))
  const ways = told.map(({ body }) => body.type).filter((type) => type === 'ask-start' || type === 'ask-end')
  expect(ways).toEqual(ids.flatMap(() => ['ask-start', 'ask-end']))
})

test('a thread with a full queue says it is busy', async () => {
  const held = gate()
  const { ask, model } = setUp({
    script: { action: { gate: held.pass(), reply: 'first answer' } },
    limits: { queue: 1 },
  })
  const asked = [ask('one'), ask('two')]
  await until(() => model.calls.length === 1)
  await expect(ask('three')).rejects.toMatchObject({ code: 'busy' })
  held.release()
  expect(await Promise.all(asked)).toHaveLength(2)
})

test('two asks at once: the second begins when the first has ended', async () => {
  const { ask, events } = setUp()
  await Promise.all([ask('one', { id: 'a' }), ask('two', { id: 'b' })])
  const [queued, ...told] = (await events('t', 2)).toSorted((a, b) => queueFirst(a) - queueFirst(b))
  expect(queued).toMatchObject({ correlationId: 'b', body: { type: 'ask-queue' } })
  const ended = told.findIndex(({ body }) => body.type === 'ask-end')
  expect(new Set(told.slice(0, ended + 1).map(({ correlationId }) => correlationId))).toEqual(new Set(['a']))
  expect(new Set(told.slice(ended + 1).map(({ correlationId }) => correlationId))).toEqual(new Set(['b']))
})

const queueFirst = ({ body }: { readonly body: { readonly type: string } }) => (body.type === 'ask-queue' ? 0 : 1)

test('threads work side by side', async () => {
  const held = gate()
  let peak = 0
  const action = { gate: held.pass(), reply: 'first answer' }
  const { ask, model } = setUp({ script: { action } })
  const asked = Array.from({ length: 3 }, (_, at) => ask('why?', { thread: `t${at}` }))
  await until(() => (peak = model.calls.length) === 3)
  held.release()
  await Promise.all(asked)
  expect(peak).toBe(3)
})

test('threads never mix: each remembers its own', async () => {
  const { ask, engine, model } = setUp()
  for (let round = 0; round < 5; round++)
    await Promise.all(['mine', 'yours'].map((thread) => ask(`SECRET-of-${thread} ${round}`, { thread })))
  for (const { prompt } of model.calls)
    expect([prompt.includes('SECRET-of-mine'), prompt.includes('SECRET-of-yours')].filter(Boolean)).toHaveLength(1)
  const state = JSON.stringify(await engine.view.peek({ kind: 'phase', key: 'mine.intention' }))
  expect(state).not.toContain('yours')
})

test('the list of threads shows how many asks each had and how the last one ended', async () => {
  const { ask, engine } = setUp()
  await ask('one')
  await ask('two')
  const [listed] = await engine.view.list('chain')
  expect(listed).toMatchObject({ key: 't', index: { status: 'completed', asks: 2 } })
})

test('the same id gets the same answer and asks no model again', async () => {
  const { ask, steps } = setUp()
  const [one, two] = [await ask('why?', { id: 'ask_1' }), await ask('why?', { id: 'ask_1' })]
  expect(two).toEqual(one)
  expect(steps()).toHaveLength(6)
})

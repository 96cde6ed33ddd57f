import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ScriptedTurn } from '../../../src/testing/scripted-model.ts'
import { fastClock } from '../../fast-clock.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const LIST = call('filesystem_list', { path: '.' })
const failing = (statusCode: number, message: string, times = 1, headers = {}): ScriptedTurn => ({
  error: { statusCode, message, responseHeaders: headers },
  times,
})

afterEach(() => void vi.useRealTimers())

/** A goal on a clock that is a hundred times as fast, until nothing is left to do. */
async function goal(script: readonly ScriptedTurn[], yaml = '', agent = {}) {
  const opened = await openGoals(script, yaml, { clock: fastClock(Date.now(), 100) })
  const { id } = await opened.runtime.goals.start({ agent: { ...CLERK, ...agent }, goal: 'List.' })
  await opened.runtime.idle()
  return { ...opened, id, read: () => opened.runtime.goals.get(id) }
}

async function eventsOf({ runtime, id }: Awaited<ReturnType<typeof goal>>) {
  const found: { readonly [field: string]: unknown }[] = []
  for await (const { body } of runtime.goals.events(id)) found.push(body as { readonly [field: string]: unknown })
  return found
}

describe('a fault of a provider that passes', () => {
  test.each([
    ['429', failing(429, 'Rate limit reached', 5)],
    ['503', failing(503, 'overloaded', 2)],
    ['a pause that the headers ask for', failing(429, 'slow down', 1, { 'retry-after': '40' })],
  ])('%s: the goal waits, asks again, and keeps the rounds that it has', async (_, fault) => {
    const done = await goal([LIST, fault, answer('well')])
    expect(await done.read()).toMatchObject({ status: 'completed', answer: 'well', rounds: [{}, {}] })
    const waits = (await eventsOf(done)).filter(({ type }) => type === 'provider-wait')
    expect(waits.length).toBeGreaterThan(0)
    expect(waits[0]).toMatchObject({ tries: 1, title: expect.stringContaining('lab/one failed with status') })
  })

  test('the first wait has the remedy', async () => {
    const done = await goal([{ error: { message: 'Cannot connect', isRetryable: true }, times: 2 }, answer('well')])
    const titles = (await eventsOf(done)).filter(({ type }) => type === 'provider-wait').map(({ title }) => title)
    expect(titles).toEqual([expect.stringContaining('Check that the server of the provider runs.'), expect.anything()])
    expect(titles[1]).not.toContain('Check')
  })

  test('the wait is as long as the provider asks', async () => {
    const begun = Date.now()
    const clock = fastClock(begun, 100)
    const { runtime } = await openGoals([failing(429, 'slow down', 1, { 'retry-after': '40' }), answer('well')], '', {
      clock,
    })
    const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Go.' })
    await runtime.idle()
    const { startedAt, finishedAt } = await runtime.goals.get(id)
    expect(finishedAt! - startedAt).toBeGreaterThanOrEqual(40_000)
  })

  test('a pause longer than the patience is not waited for: the inbox gets an item', async () => {
    const { read, runtime, id } = await goal([failing(429, 'slow down', 1, { 'retry-after': '7200' }), answer('well')])
    expect(await read()).toMatchObject({
      ...{ status: 'waiting' },
      wait: {
        type: 'model',
        code: 'model_rate_limited',
        title: expect.stringContaining('The provider asks to wait 2 h'),
      },
    })
    expect(await runtime.inbox.list()).toMatchObject([{ kind: 'goal', goal: id, expects: { type: 'resume' } }])
    await runtime.goals.resume(id)
    await runtime.idle()
    expect(await read()).toMatchObject({ status: 'completed', answer: 'well' })
  })

  test.each([
    ['antiphon.yaml', 'patience: 10s\n', {}],
    ['all pools', 'pool: { patience: 10 }\n', {}],
    ['the pool of steps', 'patience: 1d\npools: { text_step_pool: { patience: 10s } }\n', {}],
    ['the agent', 'patience: 1d\n', { patience: 10 }],
  ])('%s sets the patience', async (_, yaml, agent) => {
    const { read, model } = await goal([failing(503, 'overloaded', 99)], yaml, agent)
    expect(await read()).toMatchObject({ status: 'waiting', wait: { type: 'model' } })
    expect(model.calls.length).toBeLessThan(8)
  })

  test('with a patience of 0 a person is asked at once', async () => {
    const { read, model } = await goal([failing(401, 'no')], 'patience: 0\n')
    expect(await read()).toMatchObject({ status: 'waiting', wait: { type: 'model' } })
    expect(model.calls).toHaveLength(1)
  })

  test('a wait counts towards the deadline', async () => {
    const { read } = await goal([failing(503, 'overloaded', 99)], '', { deadline: 30 })
    expect(await read()).toMatchObject({ status: 'waiting', wait: { type: 'limit', limit: 'deadline' } })
  })

  test('the wait is in the inbox once it is long, and a person can ask again at once', async () => {
    const { runtime, model } = await openGoals([failing(429, 'slow', 1, { 'retry-after': '600' }), answer('well')])
    const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Go.' })
    await vi.waitFor(async () => expect((await runtime.goals.get(id)).wait?.type).toBe('provider'), 60_000)
    expect(await runtime.inbox.list()).toMatchObject([{ kind: 'goal', goal: id, expects: { type: 'resume' } }])
    const { holds } = await runtime.inspector.why(`agent/${id}`)
    expect(holds.map(({ type }) => type).toSorted()).toEqual(['provider', 'timer'])
    await runtime.goals.resume(id)
    await runtime.idle()
    expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'well' })
    expect(model.calls).toHaveLength(2)
  })

  test('the wait outlives the process', async () => {
    const { runtime, open, model } = await openGoals([
      LIST,
      failing(429, 'slow', 1, { 'retry-after': '2' }),
      answer('well'),
    ])
    const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Go.' })
    await vi.waitFor(async () => expect((await runtime.goals.get(id)).wait?.type).toBe('provider'), 60_000)
    await runtime.stop({ grace: 0 })
    const again = await open()
    await again.goals.resume(id)
    await again.idle()
    expect(await again.goals.get(id)).toMatchObject({ status: 'completed', answer: 'well', rounds: [{}, {}] })
    expect(model.calls).toHaveLength(3)
  })
})

describe('a fault that a person can mend', () => {
  test.each([
    ['401', 401, 'Incorrect API key provided', 'model_unauthorized'],
    ['403', 403, 'forbidden', 'model_unauthorized'],
    ['a used-up quota', 429, 'insufficient_quota', 'model_quota_spent'],
    ['a refused request', 400, 'invalid_request: no', 'model_rejected'],
  ])('%s: the goal waits for a person, and resume asks again', async (_, status, message, code) => {
    const { read, runtime, id, model } = await goal([LIST, failing(status, message), answer('well')])
    expect(await read()).toMatchObject({ status: 'waiting', wait: { type: 'model', code }, rounds: [{}] })
    await runtime.goals.resume(id)
    await runtime.idle()
    expect(await read()).toMatchObject({ status: 'completed', answer: 'well', rounds: [{}, {}] })
    expect(model.calls).toHaveLength(3)
  })

  test('the time until a person acts does not count towards the deadline', async () => {
    const { read, runtime, id } = await goal([failing(401, 'no'), answer('well')], '', { deadline: 60 })
    const { until } = (await read()).limits
    await new Promise((wake) => setTimeout(wake, 700))
    await runtime.goals.resume(id)
    await runtime.idle()
    const { status, limits } = await read()
    expect(status).toBe('completed')
    expect(limits.until - until).toBeGreaterThan(60_000)
  })
})

describe('a request that the provider finds too long', () => {
  const LONG = 'x'.repeat(30_000)
  const TOO_LONG = "This model's maximum context length is 2048 tokens"

  test('the oldest results are shortened until it fits, and the goal remembers the size', async () => {
    const { runtime, write, model } = await openGoals([
      ...[1, 2, 3, 4].map((n) => call('filesystem_read', { path: `${n}.txt` })),
      failing(400, TOO_LONG, 2),
      call('filesystem_list', { path: '.' }),
      answer('well'),
    ])
    for (const n of [1, 2, 3, 4]) write(`${n}.txt`, LONG)
    const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Read.', budget: 100 })
    await runtime.idle()
    expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'well' })
    const [whole, half, quarter, next] = model.calls.slice(4).map(({ prompt }) => prompt.length)
    expect(half).toBeLessThan(whole!)
    expect(quarter).toBeLessThan(half!)
    // the next round does not begin with the long request again
    expect(next).toBeLessThan(half!)
    expect(model.calls).toHaveLength(8)
  })

  test('when nothing is left to shorten, the goal waits for a person', async () => {
    const { read, model } = await goal([failing(400, TOO_LONG, 99)])
    expect(await read()).toMatchObject({ status: 'waiting', wait: { type: 'model', code: 'context_overflow' } })
    expect(model.calls).toHaveLength(1)
  })
})

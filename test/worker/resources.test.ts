import { describe, expect, it } from 'vitest'
import { simulatedClock } from '../../src/testing/clock.ts'
import { createCallResources } from '../../src/worker/call-resources.ts'
import { createSharedResource } from '../../src/worker/resources.ts'
import type { ResourceLimits } from '../../src/worker/scaling/policy.ts'
import { createTasks, simulatedPool, worker } from './held.ts'

function open(limits: ResourceLimits) {
  const clock = simulatedClock(0)
  const shared = createSharedResource('gpu', limits, clock)
  const woken: number[] = []
  const one = shared.of(1)
  one.watch(() => woken.push(clock.now()))
  return { clock, shared, one, woken }
}

describe('so many at once', () => {
  it('are taken by all who share them, and whoever was refused is called back', () => {
    const { shared, one, woken } = open({ slots: 3 })
    const two = shared.of(2)
    const back = two.take()
    expect([one.free(), two.free()]).toEqual([true, false])
    const last = one.take()
    expect(one.free()).toBe(false)
    last()
    last()
    expect([shared.stats().taken, one.free(), woken.length]).toEqual([2, true, 1])
    back()
    expect(shared.stats()).toEqual({ id: 'gpu', slots: 3, taken: 0, held: 0 })
  })

  it('are never asked for more than there is', () => {
    const { shared } = open({ slots: 2 })
    for (const units of [3, 0, -1, Number.NaN]) expect(() => shared.of(units)).toThrow(/there are 2/)
  })

  it('let those who wait take turns', () => {
    const { shared } = open({ slots: 1 })
    const order: string[] = []
    for (const name of ['a', 'b']) shared.of(1).watch(() => order.push(name))
    for (let round = 0; round < 3; round++) shared.of(1).take()()
    expect(order).toEqual(['a', 'b', 'a', 'b', 'b', 'a'])
  })
})

it('a pool is called back as long as one of its workers takes of it', async () => {
  const { shared } = open({ slots: 1 })
  const workers = ['gone', 'stays'].map((id) => worker(id, { resources: [shared.of(1)] }))
  const { pool } = simulatedPool({ workers })
  const { task, begun, end } = createTasks()
  const back = shared.of(1).take()
  await pool.removeWorker('gone')
  const result = pool.submit(task('waits'))
  expect(begun).toEqual([])
  back()
  expect(begun).toEqual(['waits'])
  end('waits')
  expect(await result).toBe('stays')
})

describe('so many in a minute', () => {
  it('are never more, whatever minute is looked at, and a timer is set for who was refused alone', async () => {
    const { clock, one, woken } = open({ perMinute: 3 })
    const taken: number[] = []
    const takeAll = () => {
      while (one.free()) {
        one.take()()
        taken.push(clock.now())
      }
    }
    one.take()()
    taken.push(0)
    expect(clock.next).toBeUndefined()
    await clock.advance(20_000)
    takeAll()
    expect(clock.next).toBe(60_000)
    one.watch(takeAll)
    await clock.advance(200_000)
    expect(taken).toEqual([
      0, 20_000, 20_000, 60_000, 80_000, 80_000, 120_000, 140_000, 140_000, 180_000, 200_000, 200_000,
    ])
    expect(woken).toContain(60_000)
  })
})

describe('starts of an earlier process', () => {
  const kept = (...ages: number[]) => {
    const added: number[] = []
    const clock = simulatedClock(500_000)
    const keep = { ages: () => ages, add: () => added.push(clock.now()), close: () => added.push(-1) }
    return { clock, added, shared: createSharedResource('api', { perMinute: 3 }, clock, keep) }
  }

  it('count until they are a minute old, and each start is kept', async () => {
    const { clock, added, shared } = kept(59_000, 20_000)
    const one = shared.of(1)
    one.take()()
    expect([one.free(), shared.stats().next]).toEqual([false, 1000])
    await clock.advance(1000)
    expect(one.free()).toBe(true)
    one.take()()
    expect(shared.stats().next).toBe(39_000)
    shared.close()
    expect(added).toEqual([500_000, 501_000, -1])
  })
})

describe('missing resources', () => {
  it('are places, its rate, or the end of a pause, in words and with the ms that are known', async () => {
    const { clock, shared, one } = open({ slots: 1, perMinute: 2 })
    expect(one.lack!()).toBeUndefined()
    const back = one.take()
    expect(one.lack!()).toEqual({ why: 'gpu: 1 of 1 are taken' })
    back()
    one.take()()
    await clock.advance(48_500)
    expect(one.lack!()).toEqual({ why: 'gpu: 2 per minute, next in 12 s', delay: 11_500 })
    expect(shared.stats().next).toBe(11_500)
    shared.hold(30_000)
    expect(one.lack!()).toEqual({ why: 'gpu: its provider asked for a pause, next in 30 s', delay: 30_000 })
    await clock.advance(30_000)
    expect([one.lack!(), shared.stats().next]).toEqual([undefined, 0])
  })
})

describe('a pause', () => {
  it('holds everybody, for as long as it was asked for and a minute at most', async () => {
    const { clock, shared, one, woken } = open({ slots: 5 })
    shared.hold(2000)
    expect([one.free(), shared.stats().held]).toEqual([false, 2000])
    await clock.advance(1999)
    expect(woken).toEqual([])
    await clock.advance(1)
    expect([one.free(), woken]).toEqual([true, [2000]])
    shared.hold(3_600_000)
    expect(shared.stats().held).toBe(60_000)
  })

  it('that ends sooner than another one ends with the later one', async () => {
    const { clock, shared, one } = open({ slots: 5 })
    shared.hold(5000)
    shared.hold(1000)
    await clock.advance(4999)
    expect(one.free()).toBe(false)
    shared.close()
    expect(clock.next).toBeUndefined()
  })
})

describe('the resources of a tool', () => {
  const takings = createCallResources(
    {
      api: { slots: 9, tools: ['http-client', 'github:*'] },
      gpu: { slots: 9, tools: { 'http-client:post': 2, 'github:push': 3 }, models: ['ollama/*'] },
    },
    simulatedClock(),
  )
  it.each([
    ['its own', ['http-client:get', 'http-client'], 'api'],
    ['that of one operation besides', ['http-client:post', 'http-client'], 'api and gpu (2)'],
    ['that of a server, by the name of its tool or by what a call passes on', ['x', 'github:push'], 'api and gpu (3)'],
    ['that of its pattern', ['github:pull', 'github'], 'api'],
    ['nothing', ['filesystem:read', 'filesystem'], undefined],
    ['nothing, by a name that every object has', ['constructor'], undefined],
  ])('%s', (_what, names, name) => {
    expect(takings.ofTool(names)?.name).toBe(name)
  })

  it('is not taken by the models of a provider with the name of the resource, only by those that it names', () => {
    expect(takings.of('api/large')).toEqual([])
    expect(takings.of('ollama/llama')).toHaveLength(1)
  })

  it('is no more than there is', () => {
    expect(() => createCallResources({ gpu: { slots: 1, tools: { 'a:b': 2 } } })).toThrow(
      'a:b takes 2 of gpu, but there are only 1.',
    )
  })
})

describe('the resources of a model', () => {
  const takings = createCallResources(
    {
      openai: { slots: 8, perMinute: 100 },
      gpu: { slots: 1, models: ['ollama/llama', 'ollama/phi*'] },
      memory: { slots: 16, models: { 'ollama/*': 4, 'ollama/big*': 12, 'ollama/bigger': 16 } },
    },
    simulatedClock(),
  )
  const takenBy = (model: string) => {
    const back = takings.of(model).map((resource) => resource.take())
    const taken = Object.fromEntries(takings.stats().map(({ id, taken }) => [id, taken]))
    for (const give of back) give()
    return taken
  }

  it.each([
    ['openai/gpt', { openai: 1, gpu: 0, memory: 0 }],
    ['ollama/llama', { openai: 0, gpu: 1, memory: 4 }],
    ['ollama/phi-4', { openai: 0, gpu: 1, memory: 4 }],
    ['ollama/big-one', { openai: 0, gpu: 0, memory: 12 }],
    ['ollama/bigger', { openai: 0, gpu: 0, memory: 16 }],
    ['offline/extractive', { openai: 0, gpu: 0, memory: 0 }],
  ])('%s', (model, taken) => {
    expect(takenBy(model)).toEqual(taken)
  })

  it('is no more than there is', () => {
    expect(() => createCallResources({ gpu: { slots: 1, models: { 'a/b': 2 } } })).toThrow(
      'a/b takes 2 of gpu, but there are only 1.',
    )
  })

  it('is held by its provider alone', () => {
    takings.hold('ollama/llama', 1000)
    takings.hold('openai/gpt', 1000)
    expect(takings.stats().map(({ held }) => held)).toEqual([1000, 0, 0])
  })
})

import { describe, expect, it } from 'vitest'
import { simulatedClock } from '../../src/testing/clock.ts'
import { createModelResources } from '../../src/worker/model-resources.ts'
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

describe('what a model takes', () => {
  const takings = createModelResources(
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
    expect(() => createModelResources({ gpu: { slots: 1, models: { 'a/b': 2 } } })).toThrow(
      'a/b takes 2 of gpu, but there are only 1',
    )
  })

  it('is held by its provider alone', () => {
    takings.hold('ollama/llama', 1000)
    takings.hold('openai/gpt', 1000)
    expect(takings.stats().map(({ held }) => held)).toEqual([1000, 0, 0])
  })
})

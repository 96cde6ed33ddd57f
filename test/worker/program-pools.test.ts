import { expect, it } from 'vitest'
import { RetryableError } from '../../src/errors.ts'
import { createPools, modelWorker } from '../../src/index.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import type { OwnPoolSettings } from '../../src/worker/program-pools.ts'
import { TICK_MS } from '../../src/worker/scaling/controller.ts'
import { never, worker } from './held.ts'

const A_SECOND = 1000

/** A pool of a program on a simulated clock. Its tasks take a second. */
function open(settings: OwnPoolSettings) {
  const clock = simulatedClock(0)
  const pools = createPools({ pools: { sums_pool: settings }, cores: 64, clock })
  const pool = pools.get('sums_pool')
  const submit = (needs: object = {}) =>
    pool.submit({
      signal: never,
      needs,
      run: (_signal, { id }) => new Promise<string>((resolve) => void clock.after(A_SECOND, () => resolve(id))),
    })
  return { clock, pools, pool, submit }
}

it('grows with its queue and shrinks when it is idle, as a pool of a runtime does', async () => {
  const { clock, pool, submit } = open({ min: 1, max: 4 })
  const all = Array.from({ length: 10 }, () => submit())
  await clock.advance(4 * TICK_MS)
  await Promise.all(all)
  expect(pool.report()).toMatchObject({ done: 10, workers: 4, min: 1, max: 4 })
  await clock.advance(180_000)
  expect([pool.report().workers, pool.report().last!.why, clock.next]).toEqual([1, '0 of 2 busy', undefined])
})

it('has as many workers as its size where it makes them, and ends those that it needs no more', async () => {
  const ended: string[] = []
  const make = (id: string) => worker(id, { kind: 'thread', retire: async () => void ended.push(id) })
  const { clock, pool, submit } = open({ min: 1, max: 3, make })
  const all = Array.from({ length: 8 }, () => submit())
  await clock.advance(4 * TICK_MS)
  expect(new Set(await Promise.all(all)).size).toBe(3)
  await clock.advance(180_000)
  expect([pool.report().each.length, ended.length]).toEqual([1, 2])
})

it('is never more at work than its size, whichever workers were added, and gives each what it offers', async () => {
  const { clock, pool, submit } = open({ workers: 3 })
  for (const id of ['lab/large', 'lab/small']) pool.addWorker(modelWorker(id, 2, { models: [id] }))
  const all = Array.from({ length: 4 }, () => submit({ models: ['lab/large'] }))
  const others = Array.from({ length: 4 }, () => submit({ models: ['lab/small'] }))
  expect(pool.stats()).toMatchObject({ running: 3, queued: 5 })
  await clock.advance(4 * A_SECOND)
  expect(await Promise.all(all)).toEqual(Array(4).fill('lab/large'))
  expect(await Promise.all(others)).toEqual(Array(4).fill('lab/small'))
})

it('becomes smaller when a provider refuses calls, and does not leave the worker alone for that', async () => {
  const { clock, pool } = open({ min: 1, max: 8 })
  pool.addWorker(modelWorker('lab/large', 100, { models: ['lab/large'] }))
  const call = (run: () => Promise<string>) => pool.submit({ signal: never, needs: { models: ['lab/large'] }, run })
  const slow = () => new Promise<string>((resolve) => void clock.after(A_SECOND, () => resolve('done')))
  const all = Array.from({ length: 20 }, () => call(slow))
  await clock.advance(6 * TICK_MS)
  await Promise.all(all)
  expect(pool.report().workers).toBe(8)
  const refused = () => Promise.reject(new RetryableError('status 429', { code: 'model_rate_limited' }))
  for (let time = 0; time < 4; time++) await expect(call(refused)).rejects.toThrow('429')
  await clock.advance(TICK_MS)
  expect(pool.report()).toMatchObject({ workers: 6, last: { why: 'the provider refused 4 calls' } })
  const well = call(async () => 'well')
  await expect(well).resolves.toBe('well')
})

it('calls the methods of a worker that is an instance of a class', async () => {
  class Own {
    readonly id = 'own'
    readonly kind = 'thread'
    readonly offers = {}
    readonly slots = 1
    readonly #sum = 7
    async call() {
      return this.#sum
    }
  }
  const { pool } = open({ min: 1, max: 1, make: () => new Own() })
  expect(await pool.submit({ signal: never, run: (signal, own) => own.call!('sum', [], signal) })).toBe(7)
})

it('is refused by an id that was not named, and with bounds that cannot be', () => {
  const { pools } = open({ min: 1, max: 2 })
  expect(pools.get('sums_pool')).toBe(pools.get('sums_pool'))
  expect(pools.all().map(({ id }) => id)).toEqual(['sums_pool'])
  expect(() => pools.get('sum_pool')).toThrow(
    expect.objectContaining({ code: 'pool_not_found', hint: 'The pools are: sums_pool.' }),
  )
  for (const bounds of [{ min: 3, max: 2 }, { workers: 0 }, { max: 1.5 }])
    expect(() => open(bounds)).toThrow('Pool sums_pool has from')
})

it('takes nothing more once all are closed', async () => {
  const { clock, pools, submit } = open({ workers: 1 })
  const last = submit()
  const closed = pools.close({ deadline: 60_000 })
  await expect(submit()).rejects.toThrow('is closing')
  await clock.advance(A_SECOND)
  await Promise.all([last, closed])
})

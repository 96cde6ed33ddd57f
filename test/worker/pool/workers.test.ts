import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { RetryableError } from '../../../src/errors.ts'
import { createHistogram } from '../../../src/worker/pool/metrics.ts'
import { createPoolQueue } from '../../../src/worker/pool/queue.ts'
import { createTasks, never, simulatedPool, worker } from '../held.ts'

const stuck = new Error('it does not end')
const failing = [
  async () => Promise.reject(stuck),
  () => {
    throw stuck
  },
]

describe('the size of a pool', () => {
  /** A pool that makes its workers, and notes which were retired. */
  function growing(workers: number) {
    const retired: string[] = []
    const make = (id: string) => worker(id, { kind: 'process', retire: async () => void retired.push(id) })
    return { ...simulatedPool({ id: 'p', workers, make }), ...createTasks(), retired }
  }
  const ids = ({ report }: ReturnType<typeof growing>['pool']) => report().each.map(({ id }) => id)

  it('S15: grows while all are at work, and whoever waits begins', async () => {
    const { pool, task, begun, end } = growing(1)
    const names = ['a', 'b', 'c', 'd', 'e']
    const all = names.map((name) => pool.submit(task(name)))
    expect(begun).toEqual(['a'])
    pool.resize(4)
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
    expect(pool.stats()).toMatchObject({ workers: 4, running: 4, queued: 1 })
    for (const name of ['a', 'b', 'c', 'd']) end(name)
    await Promise.all(all.slice(0, 4))
    end('e')
    expect(await all[4]).toBe('p-1')
  })

  it('E3, S16: shrinks by idle workers first, lets the others end what they do, and gives no id twice', async () => {
    const { pool, task, end, settle, retired } = growing(3)
    const all = ['a', 'b'].map((name) => pool.submit(task(name)))
    pool.resize(2)
    expect(ids(pool)).toEqual(['p-1', 'p-2'])
    pool.resize(1)
    expect(pool.report().each).toMatchObject([{ leaving: false }, { leaving: true, running: 1 }])
    expect(pool.stats()).toMatchObject({ workers: 1, running: 2 })
    const next = pool.submit(task('next'))
    end('b')
    expect(await all[1]).toBe('p-2')
    expect(ids(pool)).toEqual(['p-1'])
    end('a')
    await all[0]
    end('next')
    expect(await next).toBe('p-1')
    pool.resize(2)
    await settle()
    expect([ids(pool), retired]).toEqual([
      ['p-1', 'p-4'],
      ['p-3', 'p-2'],
    ])
  })

  it('is that of a worker where it says which', async () => {
    const { pool } = simulatedPool({ workers: [worker('a'), worker('b')] })
    pool.resize(5, 'b')
    expect(pool.report().each).toMatchObject([{ slots: 1 }, { slots: 5 }])
    expect(() => pool.resize(5)).toThrow('Pool text_step_pool has several workers.')
    expect(() => pool.resize(5, 'c')).toThrow('Pool text_step_pool has no worker c.')
    expect(() => pool.resize(0, 'b')).toThrow(RangeError)
    expect(() => pool.addWorker(worker('a'))).toThrow('Pool text_step_pool already has a worker a.')
  })

  it.each(failing)(
    'reports a worker that failed to close when the pool shrinks, at once or after its task',
    async (retire) => {
      const told: unknown[] = []
      const make = (id: string) => worker(id, { kind: 'process', retire })
      const notEnded = (...what: unknown[]) => void told.push(what)
      const { pool, settle } = simulatedPool({ id: 'p', workers: 3, make, notEnded })
      const { task, end } = createTasks()
      const all = ['a', 'b'].map((name) => pool.submit(task(name)))
      pool.resize(1)
      await settle()
      expect(told).toEqual([['p-3', stuck]])
      end('b')
      expect(await all[1]).toBe('p-2')
      await settle()
      expect(told.slice(1)).toEqual([['p-2', stuck]])
      end('a')
      expect(await all[0]).toBe('p-1')
      expect(pool.stats()).toMatchObject({ workers: 1, running: 0, done: 2 })
    },
  )

  it('emits a process warning for such a failure without a listener', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue()
    onTestFinished(() => warned.mockRestore())
    const { pool, settle } = simulatedPool({ id: 'p', workers: 2, make: (id) => worker(id, { retire: failing[0]! }) })
    pool.resize(1)
    await settle()
    expect(warned.mock.calls).toEqual([['worker p-2 could not be ended: it does not end', 'PoolWarning']])
  })

  it.each(failing)('removing a worker that fails to close rejects, and the worker is gone', async (retire) => {
    const { pool } = simulatedPool({ workers: [worker('a', { retire }), worker('b')] })
    await expect(pool.removeWorker('a')).rejects.toBe(stuck)
    expect(pool.report().each.map(({ id }) => id)).toEqual(['b'])
  })
})

describe('closing a pool', () => {
  it('S20, A30: at its deadline refuses whoever waits, and no longer waits for what runs', async () => {
    const retired: string[] = []
    const retire = async () => void retired.push('w')
    const { pool, clock } = simulatedPool({ workers: [worker('w', { retire })] })
    const { task, end } = createTasks()
    const running = pool.submit(task('running'))
    const waiting = pool.submit(task('waiting'))
    const told = expect(waiting).rejects.toMatchObject({ name: 'BusyError', code: 'busy' })
    const closing = pool.close({ deadline: 1_000 })
    await clock.advance(999)
    expect([pool.stats().queued, retired]).toEqual([1, []])
    await clock.advance(1)
    await Promise.all([closing, told])
    expect(retired).toEqual(['w'])
    end('running', 'late')
    expect(await running).toBe('late')
    await pool.close({ deadline: 1 })
    expect([retired, clock.next]).toEqual([['w'], undefined])
  })

  it('a task whose worker is ended at the deadline is not begun again', async () => {
    const { task, begun, fail } = createTasks()
    const retire = async () => fail('a', new RetryableError('it died', { code: 'worker_lost' }))
    const { pool, clock } = simulatedPool({ workers: [worker('w', { kind: 'process', retire })] })
    const told = expect(pool.submit(task('a'))).rejects.toMatchObject({ code: 'worker_lost' })
    const closing = pool.close({ deadline: 1_000 })
    await clock.advance(1_000)
    await closing
    expect([begun, pool.stats().queued]).toEqual([['a'], 0])
    await told
  })

  it.each(failing)('tells that the end of a worker failed, once the others have ended', async (retire) => {
    const ended = Promise.withResolvers<void>()
    const { pool, settle } = simulatedPool({
      workers: [worker('a', { retire }), worker('b', { retire: () => ended.promise })],
    })
    const seen: unknown[] = []
    const closing = pool.close().catch((error: unknown) => seen.push(error))
    await settle()
    expect(seen).toEqual([])
    ended.resolve()
    await closing
    expect(seen).toEqual([stuck])
  })

  it('ends its workers when all is done, before any deadline', async () => {
    const retired: string[] = []
    const retire = async () => void retired.push('w')
    const { pool, clock } = simulatedPool({ workers: [worker('w', { retire })] })
    const { task, end } = createTasks()
    const running = pool.submit(task('running'))
    const closing = pool.close({ deadline: 1_000 })
    end('running')
    await Promise.all([running, closing])
    expect([retired, clock.next]).toEqual([['w'], undefined])
  })
})

describe('the report of a pool', () => {
  it('S9: a failed task counts as a failure, with its worker', async () => {
    const { pool } = simulatedPool({ workers: [worker('w')] })
    const fails = () => Promise.reject(new Error('no'))
    await expect(pool.submit({ signal: never, run: fails, fallback: true })).rejects.toThrow('no')
    await pool.submit({ signal: never, run: () => 1 })
    expect(pool.report()).toMatchObject({ done: 1, failed: 1, fallbacks: 1, each: [{ done: 1, failed: 1 }] })
  })

  it('S12: how long tasks wait and run is measured from when each came', async () => {
    const { pool, clock } = simulatedPool({ workers: [worker('w')] })
    const run = () => new Promise<void>((resolve) => clock.after(100, resolve))
    await clock.advance(12_345)
    const all = [1, 2].map(() => pool.submit({ signal: never, run }))
    await clock.advance(50)
    expect(pool.report()).toMatchObject({ utilisation: 1, oldest: 50, queued: 1 })
    await clock.advance(150)
    await Promise.all(all)
    const { wait, run: ran, each, utilisation, oldest } = pool.report()
    expect([wait.p50, utilisation, oldest]).toEqual([0, 0, 0])
    for (const [value, about] of [
      [wait.p95, 100],
      [ran.p50, 100],
      [each[0]!.latency!, 100],
    ] as const)
      expect(Math.abs(value / about - 1)).toBeLessThan(0.125)
  })

  it('is exact to an eighth, forgets old times, and uses constant memory', () => {
    const times = createHistogram()
    expect(times.percentile(0.5)).toBe(0)
    for (let ms = 1; ms <= 1_000; ms++) times.record(ms)
    for (const share of [0.01, 0.5, 0.95])
      expect(Math.abs(times.percentile(share) / (share * 1_000) - 1)).toBeLessThan(0.125)
    for (let at = 0; at < 20_000; at++) times.record(5)
    expect(Math.abs(times.percentile(0.999) / 5 - 1)).toBeLessThan(0.125)
    times.record(Number.POSITIVE_INFINITY)
    times.record(-1)
    expect(times.percentile(1)).toBeGreaterThan(3_000_000)
  })

  it('S14: needs that occur once leave no memory behind', () => {
    const queue = createPoolQueue({ ageing: 1_000, postsFor: () => [] })
    for (let at = 0; at < 10_000; at++) queue.laneFor({ models: [`m${at}`] })
    expect([...queue.lanes()].length).toBeLessThanOrEqual(256)
  })

  it('arriving tasks are compared only with needs of waiting tasks', async () => {
    let looks = 0
    const first = {
      ...worker('first'),
      get offers() {
        looks++
        return { models: Array.from({ length: 50 }, (_, at) => `m${at}`) }
      },
    }
    const { pool } = simulatedPool({ workers: [first] })
    for (const model of first.offers.models)
      await pool.submit({ signal: never, needs: { models: [model] }, run: () => 1 })
    looks = 0
    pool.addWorker(worker('second'))
    expect(looks).toBe(1)
    expect(await pool.submit({ signal: never, needs: { models: ['m7'] }, run: (_, { id }) => id })).toBe('first')
  })

  it('S8: what is given back waits in its own priority', async () => {
    const { pool, settle } = simulatedPool({ workers: [worker('w', { kind: 'process' })] })
    const { task, begun, end, fail } = createTasks()
    const all = [pool.submit(task('low', { priority: 'low' })), pool.submit(task('now', { priority: 'critical' }))]
    fail('low', Object.assign(new Error('dead'), { [Symbol.for('antiphon.error')]: true, code: 'worker_lost' }))
    await settle()
    end('now')
    await settle()
    end('low')
    await Promise.all(all)
    expect(begun).toEqual(['low', 'now', 'low#2'])
  })
})

import { describe, expect, it } from 'vitest'
import { InvalidError, RetryableError, TerminalError } from '../../src/errors.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { createCallResources } from '../../src/worker/call-resources.ts'
import { policyOf } from '../../src/worker/scaling/policy.ts'
import { createWorkPool } from '../../src/worker/work-pool.ts'
import { createTasks, never, simulatedPool, worker } from './held.ts'

const lost = () => new RetryableError('it died', { code: 'worker_lost' })

describe('the time of a task', () => {
  it('S10, A24: at the end the caller gets one result, and what comes late is dropped and counted', async () => {
    const { pool, clock, settle } = simulatedPool()
    const { task, begun, end } = createTasks()
    const first = pool.submit(task('deaf', { timeout: 100 }))
    const told = expect(first).rejects.toMatchObject({ name: 'TimeoutError', code: 'timeout' })
    const second = pool.submit(task('second'))
    await clock.advance(100)
    await told
    expect(begun).toEqual(['deaf'])
    expect(pool.report()).toMatchObject({ running: 1, failed: 1, late: 0 })
    end('deaf')
    await settle()
    expect(begun).toEqual(['deaf', 'second'])
    expect(pool.report()).toMatchObject({ failed: 1, late: 1, running: 1 })
    end('second')
    expect(await second).toBe('text_step_pool-inline')
    expect(clock.next).toBeUndefined()
  })

  it('A24: a task that never ends is abandoned after a while, and its slot serves another', async () => {
    const { pool, clock, settle } = simulatedPool()
    const { task, begun, end } = createTasks()
    const first = pool.submit(task('stuck', { timeout: 100 }))
    first.catch(() => {})
    const second = pool.submit(task('second'))
    await clock.advance(5_100)
    expect(begun).toEqual(['stuck', 'second'])
    end('stuck')
    await settle()
    expect(pool.report()).toMatchObject({ running: 1, late: 1 })
    end('second')
    await second
    expect(pool.stats()).toMatchObject({ running: 0, done: 1, failed: 1 })
  })

  it('reaches the task by its signal', async () => {
    const { pool, clock } = simulatedPool()
    let heard: unknown
    const run = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject((heard = signal.reason))))
    const result = pool.submit({ signal: never, timeout: 100, run })
    result.catch(() => {})
    await clock.advance(100)
    await expect(result).rejects.toMatchObject({ code: 'timeout' })
    expect(heard).toMatchObject({ code: 'timeout' })
    expect(pool.stats()).toMatchObject({ running: 0, failed: 1 })
  })

  it('S2: is for waiting and running together where it has a deadline', async () => {
    const { pool, clock } = simulatedPool()
    const { task, begun, end } = createTasks()
    const results = ['held', 'waits', 'runs'].map((name, at) =>
      pool.submit(task(name, at === 0 ? {} : { deadline: at * 100 })),
    )
    const told = [1, 2].map((at) => expect(results[at]).rejects.toMatchObject({ code: 'timeout' }))
    await clock.advance(100)
    await told[0]
    expect(begun).toEqual(['held'])
    end('held')
    await clock.advance(99)
    expect(begun).toEqual(['held', 'runs'])
    await clock.advance(1)
    await told[1]
    expect(pool.stats()).toMatchObject({ queued: 0, failed: 2 })
  })
})

describe('the limit of a task', () => {
  const limit = { ms: 100, what: 'the work', of: 'run_1' }
  const late = { name: 'TimeoutError', code: 'timeout', message: 'the work took longer than 0.1 s.', terminal: false }
  const heldPlace = `${late.message} It did not stop, and still holds its place in the pool text_step_pool.`
  const noPlace = `${heldPlace} It is not tried again: calls that did not stop hold every place that it could get.`
  const unended = { ...late, message: heldPlace }
  const last = { ...late, message: noPlace, terminal: true }

  it('reaches the caller 200 ms late at most, and the slot stays taken until the work ends', async () => {
    const { pool, clock, settle } = simulatedPool()
    const { task, begun, end } = createTasks()
    const told = expect(pool.submit(task('deaf', { limit }))).rejects.toMatchObject(last)
    const second = pool.submit(task('second'))
    await clock.advance(299)
    expect(pool.overdue()).toEqual([])
    await clock.advance(1)
    await told
    await clock.advance(3_600_000)
    expect(begun).toEqual(['deaf'])
    expect(pool.overdue()).toEqual([{ what: 'the work', of: 'run_1', ms: 3_600_000 }])
    expect(pool.report()).toMatchObject({ running: 1, failed: 1, late: 0 })
    end('deaf')
    await settle()
    expect(begun).toEqual(['deaf', 'second'])
    expect(pool.overdue()).toEqual([])
    end('second')
    await second
    expect(pool.report()).toMatchObject({ running: 0, done: 1, failed: 1, late: 1 })
    expect(clock.next).toBeUndefined()
  })

  it('lets work that listens to its signal clean up before the caller gets the error, and drops its result', async () => {
    const { pool, clock, settle } = simulatedPool()
    const { task, end } = createTasks()
    let isTold = false
    const told = pool.submit(task('slow', { limit })).catch((error: unknown) => {
      isTold = true
      throw error
    })
    const failed = expect(told).rejects.toMatchObject(late)
    await clock.advance(250)
    expect(isTold).toBe(false)
    end('slow', 'cleaned up')
    await settle()
    await failed
    expect(pool.report()).toMatchObject({ running: 0, failed: 1, late: 0 })
    expect(clock.next).toBeUndefined()
  })

  it('holds when the work held the thread for too long', async () => {
    const { pool, clock } = simulatedPool()
    const blocked = { ...clock, elapsed: () => clock.elapsed() + held }
    let held = 0
    const other = simulatedPool({ clock: blocked }).pool
    const result = other.submit({ signal: never, limit, run: () => void (held = 101) })
    await expect(result).rejects.toMatchObject(late)
    expect(other.report()).toMatchObject({ running: 0, failed: 1 })
    await expect(pool.submit({ signal: never, limit, run: () => 'in time' })).resolves.toBe('in time')
    expect(clock.next).toBeUndefined()
  })

  it('is worth another attempt as long as the pool may have a place for it', async () => {
    const { pool, clock } = simulatedPool({ workers: 2 })
    const { task } = createTasks()
    for (const [name, error] of [['first', unended] as const, ['second', last] as const]) {
      const told = expect(pool.submit(task(name, { limit }))).rejects.toMatchObject(error)
      await clock.advance(300)
      await told
    }
    expect(pool.stats()).toMatchObject({ running: 2 })
  })

  it.each([
    ['its pool can grow', 1, 2, unended],
    ['its pool has grown as far as it can', 1, 1, last],
    ['a resource that it uses has one place', 4, 4, last],
  ])('is worth another attempt or not: %s', async (why, min, max, error) => {
    const clock = simulatedClock()
    const takings = createCallResources({ gpu: { slots: 1, tools: ['painter'] } }, clock)
    const policy = policyOf({ min, max }, {}, { min, max })
    const pool = createWorkPool({ id: 'text_step_pool', policy, takings, wake: () => {}, clock })
    const { task } = createTasks()
    const needs = pool.handsFor(() => [why.startsWith('a resource') ? 'painter' : 'writer'])
    const told = expect(pool.submit(task('deaf', { limit, needs }))).rejects.toMatchObject(error)
    await clock.advance(300)
    await told
  })

  it('does not hold up a pool that closes', async () => {
    const { pool, clock } = simulatedPool()
    const { task } = createTasks()
    const told = expect(pool.submit(task('deaf', { limit }))).rejects.toMatchObject(last)
    const closed = pool.close()
    await clock.advance(300)
    await told
    await closed
  })
})

describe('a worker that dies under a task', () => {
  const died = (given = {}) => simulatedPool({ workers: [worker('w', { kind: 'process' })], ...given })

  it('gives it back once, before all others of its share, as another attempt', async () => {
    const { pool, settle } = died()
    const { task, begun, end, fail } = createTasks()
    const all = ['a', 'b'].map((name) => pool.submit(task(name)))
    fail('a', lost())
    await settle()
    end('a')
    await settle()
    end('b')
    expect(await Promise.all(all)).toEqual(['w', 'w'])
    expect(begun).toEqual(['a', 'a#2', 'b'])
    expect(pool.report()).toMatchObject({ done: 2, failed: 0, retried: 1, each: [{ lost: 1 }] })
  })

  it('keeps the age of a returned task, so that later tasks do not overtake it', async () => {
    const { pool, clock, settle } = died({ ageing: 1_000 })
    const { task, begun, end, fail } = createTasks()
    const all = [pool.submit(task('dies')), pool.submit(task('early'))]
    await clock.advance(2_001)
    all.push(pool.submit(task('urgent', { priority: 'critical' })))
    fail('dies', lost())
    for (const name of ['dies', 'early', 'urgent']) {
      await settle()
      end(name)
    }
    await Promise.all(all)
    expect(begun).toEqual(['dies', 'dies#2', 'early', 'urgent'])
  })

  it('gives back two in the order in which they came, whichever was lost first', async () => {
    const { pool, settle } = died({ workers: [worker('w', { kind: 'process', slots: 2 })] })
    const { task, begun, end, fail } = createTasks()
    const all = ['a', 'b', 'c'].map((name) => pool.submit(task(name)))
    pool.resize(1)
    fail('a', lost())
    fail('b', lost())
    for (const name of ['a', 'b', 'c']) {
      await settle()
      end(name)
    }
    await Promise.all(all)
    expect(begun).toEqual(['a', 'b', 'a#2', 'b#2', 'c'])
  })

  it('S11: fails it when it dies again, and at once when it may not be repeated', async () => {
    const { pool, settle } = died()
    const { task, begun, fail } = createTasks()
    const first = pool.submit(task('a'))
    const told = expect(first).rejects.toMatchObject({ code: 'worker_lost' })
    fail('a', lost())
    await settle()
    fail('a', lost())
    await told
    const second = pool.submit(task('once', { once: true }))
    fail('once', lost())
    await expect(second).rejects.toMatchObject({ code: 'worker_lost' })
    expect(begun).toEqual(['a', 'a#2', 'once'])
    expect(pool.report()).toMatchObject({ failed: 2, retried: 1 })
  })

  it('does not repeat a cancelled task, nor one that another pool lost', async () => {
    const { pool } = died()
    const { task, begun, fail } = createTasks()
    const off = new AbortController()
    const first = pool.submit(task('off', { signal: off.signal }))
    off.abort()
    fail('off', lost())
    await expect(first).rejects.toMatchObject({ code: 'worker_lost' })
    const inline = simulatedPool().pool.submit(task('inline'))
    fail('inline', lost())
    await expect(inline).rejects.toMatchObject({ code: 'worker_lost' })
    expect(begun).toEqual(['off', 'inline'])
  })
})

describe('the breaker of a worker', () => {
  const overload = () => new RetryableError('overloaded', { code: 'model_unavailable' })

  async function failing(times: number, error: () => Error, workers = [worker('ill')]) {
    const simulated = simulatedPool({ workers })
    const tasks = createTasks()
    for (let at = 0; at < times; at++) {
      const result = simulated.pool.submit(tasks.task(`f${at}`, { once: true }))
      tasks.fail(`f${at}`, error())
      await expect(result).rejects.toThrow()
    }
    return { ...simulated, ...tasks, breaker: () => simulated.pool.report().each[0]!.breaker }
  }

  it('opens after three failures in a row of the worker itself, tries one task after 2 s, and closes when that succeeds', async () => {
    const { pool, clock, task, begun, end, breaker } = await failing(3, overload)
    expect(breaker()).toBe('open')
    const all = ['a', 'b'].map((name) => pool.submit(task(name)))
    await clock.advance(1_999)
    expect(begun).toHaveLength(3)
    await clock.advance(1)
    expect(begun.slice(3)).toEqual(['a'])
    expect(breaker()).toBe('half-open')
    end('a')
    await all[0]
    expect(breaker()).toBe('closed')
    end('b')
    await all[1]
    expect(clock.next).toBeUndefined()
  })

  it('a new task does not overtake one that waited for the try', async () => {
    const { pool, clock, task, begun, end } = await failing(3, overload)
    let late: Promise<string> | undefined
    clock.after(2_000, () => (late = pool.submit(task('late'))))
    const waited = pool.submit(task('waited'))
    await clock.advance(2_000)
    expect(begun.at(-1)).toBe('waited')
    end('waited')
    await waited
    end('late')
    await late
  })

  it('stays open for twice as long when the try fails, and for 2 s again after a success', async () => {
    const { pool, clock, task, begun, fail, end, breaker } = await failing(3, overload)
    const tried = pool.submit(task('tried'))
    const next = pool.submit(task('next'))
    await clock.advance(2_000)
    fail('tried', overload())
    await expect(tried).rejects.toThrow('overloaded')
    expect(breaker()).toBe('open')
    await clock.advance(3_999)
    expect(begun.at(-1)).toBe('tried')
    await clock.advance(1)
    expect(begun.at(-1)).toBe('next')
    end('next')
    await next
    for (const name of ['x', 'y', 'z']) {
      const again = pool.submit(task(name))
      fail(name, overload())
      await expect(again).rejects.toThrow()
    }
    const last = pool.submit(task('last'))
    await clock.advance(2_000)
    end('last')
    await last
  })

  it.each<[what: string, error: () => Error, times: number]>([
    ['two failures', overload, 2],
    ['what is wrong with the tasks', () => new InvalidError('no such image'), 9],
    ['what is terminal', () => new TerminalError('refused'), 9],
  ])('stays closed after %s', async (_, error, times) => {
    expect((await failing(times, error)).breaker()).toBe('closed')
  })

  it('counts failures in a row', async () => {
    const { pool, task, end, fail, breaker } = await failing(2, overload)
    const well = pool.submit(task('well'))
    end('well')
    await well
    const ill = pool.submit(task('ill'))
    fail('ill', overload())
    await expect(ill).rejects.toThrow()
    expect(breaker()).toBe('closed')
  })

  it('never opens for this thread', async () => {
    expect((await failing(9, overload, [worker('here', { kind: 'inline' })])).breaker()).toBe('closed')
  })

  it('uses the own rule of the worker for failures that count', async () => {
    const blames = (error: unknown) => (error as Error).message === 'mine'
    expect((await failing(3, () => new TerminalError('mine'), [worker('w', { blames })])).breaker()).toBe('open')
    expect((await failing(3, overload, [worker('w', { blames })])).breaker()).toBe('closed')
  })

  it('sends tasks to another worker while it is open', async () => {
    const { pool, task, end } = await failing(3, overload, [worker('ill', { priority: 1 })])
    pool.addWorker(worker('well'))
    const all = ['a', 'b'].map((name) => pool.submit(task(name)))
    end('a')
    expect(await all[0]).toBe('well')
    end('b')
    expect(await all[1]).toBe('well')
  })

  it('refuses a task in a hurry, one that waits as well', async () => {
    const { pool, clock, task, fail } = await failing(2, overload)
    const third = pool.submit(task('third'))
    const waiting = pool.submit(task('waiting', { hurries: true }))
    const told = expect(waiting).rejects.toMatchObject({ name: 'BusyError', code: 'workers_unhealthy', delay: 2_000 })
    fail('third', overload())
    await expect(third).rejects.toThrow()
    await told
    await clock.advance(500)
    await expect(pool.submit(task('late', { hurries: true }))).rejects.toMatchObject({ delay: 1_500 })
  })

  it('refuses a task in a hurry, too, when the only worker goes that is well', async () => {
    const { pool, task } = await failing(3, overload)
    pool.addWorker(worker('well'))
    pool.submit(task('first'))
    const waiting = pool.submit(task('waiting', { hurries: true }))
    const told = expect(waiting).rejects.toMatchObject({ name: 'BusyError', code: 'workers_unhealthy', delay: 2_000 })
    pool.removeWorker('well')
    await told
  })

  it('does not give back a task in a hurry when its worker has died too often', async () => {
    const often = worker('often', { kind: 'process' })
    const { pool, task, fail } = await failing(2, lost, [often])
    const hurrying = pool.submit(task('hurrying', { hurries: true }))
    fail('hurrying', lost())
    await expect(hurrying).rejects.toMatchObject({ code: 'worker_lost' })
    expect(pool.stats()).toMatchObject({ running: 0, queued: 0 })
  })
})

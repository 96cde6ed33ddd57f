import { describe, expect, it } from 'vitest'
import type { Task } from '../../src/worker/pool/task.ts'
import { createTasks, never, simulatedPool } from './held.ts'

/** Submits tasks behind one that holds the only worker; returns the order in which they begin when it ends. */
async function orderOf(given: readonly (Partial<Task<string>> & { readonly name: string; readonly later?: number })[]) {
  const { pool, clock, settle } = simulatedPool({ ageing: 1_000 })
  const { task, begun, end } = createTasks()
  const all = [pool.submit(task('first'))]
  for (const { name, later = 0, ...rest } of given) {
    await clock.advance(later)
    all.push(pool.submit(task(name, rest)))
  }
  for (let at = 0; at < all.length; at++) {
    end(begun[at]!)
    await settle()
  }
  await Promise.all(all)
  return begun.slice(1)
}

it('a pool counts the tasks that it begins by their priority', async () => {
  const { pool, settle } = simulatedPool()
  const { task, begun, end } = createTasks()
  const all = [pool.submit(task('a')), pool.submit(task('b', { priority: 'critical' })), pool.submit(task('c'))]
  end('a')
  await settle()
  expect([begun, pool.report().begun]).toEqual([['a', 'b'], { critical: 1, high: 0, normal: 1, low: 0 }])
  end('b')
  await settle()
  end('c')
  await Promise.all(all)
})

describe('the order of a pool', () => {
  it('A21: a critical task goes before three low ones', async () => {
    const low = ['a', 'b', 'c'].map((name) => ({ name, priority: 'low' as const }))
    expect(await orderOf([...low, { name: 'now', priority: 'critical' }])).toEqual(['now', 'a', 'b', 'c'])
  })

  it('A21: a low task that waited three times the ageing goes before a fresh normal one', async () => {
    const low = { name: 'low', priority: 'low' } as const
    expect(await orderOf([low, { name: 'fresh', later: 3_001 }])).toEqual(['low', 'fresh'])
    expect(await orderOf([low, { name: 'fresh', later: 999 }])).toEqual(['fresh', 'low'])
  })

  it('a task that comes later by three times the ageing never overtakes, however urgent', async () => {
    const low = { name: 'low', priority: 'low' } as const
    const urgent = { name: 'urgent', priority: 'critical' } as const
    expect(await orderOf([low, { ...urgent, later: 2_999 }])).toEqual(['urgent', 'low'])
    expect(await orderOf([low, { ...urgent, later: 3_001 }])).toEqual(['low', 'urgent'])
  })

  it('all four priorities go in their order', async () => {
    const names = ['low', 'normal', 'high', 'critical'] as const
    expect(await orderOf(names.map((name) => ({ name, priority: name })))).toEqual([
      'critical',
      'high',
      'normal',
      'low',
    ])
  })

  it('shares take turns, each first in, first out', async () => {
    const of = (share: string, ...names: string[]) => names.map((name) => ({ name, share }))
    const given = [...of('a', 'a1', 'a2', 'a3'), ...of('b', 'b1', 'b2'), ...of('c', 'c1')]
    expect(await orderOf(given)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
  })

  it('a share that waits in low does not take the turns of another in normal', async () => {
    const given = [
      { name: 'a1', share: 'a', priority: 'low' as const },
      { name: 'b1', share: 'b' },
      { name: 'b2', share: 'b' },
    ]
    expect(await orderOf(given)).toEqual(['b1', 'b2', 'a1'])
  })

  it('A22, S4, S5: 10 000 equal tasks run once each, in the order they came', async () => {
    const { pool } = simulatedPool({ queue: 10_000 })
    const ran: number[] = []
    const tasks = Array.from({ length: 10_000 }, (_, at) => ({
      payload: { at },
      signal: new AbortController().signal,
      run: () => ran.push(at),
    }))
    await Promise.all(tasks.map((task) => pool.submit(task)))
    expect(ran).toEqual(tasks.map(({ payload }) => payload.at))
    expect(pool.stats()).toMatchObject({ done: 10_000, running: 0, queued: 0 })
  })

  it('says the place of each in it', async () => {
    const { pool } = simulatedPool()
    const { task } = createTasks()
    const given = [
      { name: 'a1', share: 'a' },
      { name: 'a2', share: 'a' },
      { name: 'b1', share: 'b' },
      { name: 'low', priority: 'low' as const },
      { name: 'now', priority: 'critical' as const },
    ]
    pool.submit(task('first'))
    for (const { name, ...rest } of given) pool.submit(task(name, { key: name, ...rest }))
    expect(given.map(({ name }) => [name, pool.placeOf(name)])).toEqual([
      ['a1', 2],
      ['a2', 4],
      ['b1', 3],
      ['low', 5],
      ['now', 1],
    ])
  })
})

describe('a full queue', () => {
  it('A23, S13: refuses with queue_full and takes nothing; the same task can come again later and runs once', async () => {
    const { pool, settle } = simulatedPool({ queue: 1 })
    const { task, begun, end } = createTasks()
    const all = [pool.submit(task('first')), pool.submit(task('second'))]
    const again = task('again', { key: 'again' })
    await expect(pool.submit(again)).rejects.toMatchObject({ name: 'BusyError', code: 'queue_full' })
    expect(pool.placeOf('again')).toBeUndefined()
    end('first')
    await settle()
    all.push(pool.submit(again))
    end('second')
    await settle()
    end('again')
    await Promise.all(all)
    expect(begun).toEqual(['first', 'second', 'again'])
  })
})

describe('the limit of a share', () => {
  it('limits how many of its tasks run at once, and other shares continue', async () => {
    const { pool, settle } = simulatedPool({ workers: 3, shareLimit: { running: 1 } })
    const { task, begun, end } = createTasks()
    const given = [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
      ['b2', 'b'],
    ] as const
    const all = given.map(([name, share]) => pool.submit(task(name, { share })))
    all.push(pool.submit(task('nobody')))
    expect(begun).toEqual(['a1', 'b1', 'nobody'])
    end('nobody')
    await settle()
    expect(pool.stats()).toMatchObject({ running: 2, queued: 2 })
    end('b1')
    await settle()
    end('a1')
    await settle()
    expect(begun).toEqual(['a1', 'b1', 'nobody', 'b2', 'a2'])
    end('a2')
    end('b2')
    await Promise.all(all)
  })

  it('limits how many of its tasks begin in an interval, and the next one begins afterwards', async () => {
    const { pool, clock } = simulatedPool({ workers: 10, shareLimit: { rate: { tasks: 2, ms: 1_000 } } })
    const began: [string, number][] = []
    const start = clock.elapsed()
    const one = (share: string, at: number) => ({
      signal: never,
      share,
      run: () => void began.push([`${share}${at}`, clock.elapsed() - start]),
    })
    const all = [1, 2, 3, 4, 5].map((at) => pool.submit(one('a', at)))
    all.push(pool.submit(one('b', 1)))
    await clock.advance(5_000)
    await Promise.all(all)
    expect(began).toEqual([
      ['a1', 0],
      ['a2', 0],
      ['b1', 0],
      ['a3', 1_000],
      ['a4', 1_000],
      ['a5', 2_000],
    ])
    expect(clock.next).toBeUndefined()
  })
})

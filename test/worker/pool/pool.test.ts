import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createPool } from '../../../src/worker/pool/pool.ts'

/** A task held open until `open()` is called; `started` resolves when it runs. */
function gate<T>(value: T, signal = new AbortController().signal) {
  const started = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const task = {
    signal,
    async run() {
      started.resolve()
      await released.promise
      return value
    },
  }
  return { task, started: started.promise, open: released.resolve, fail: released.reject }
}

const pool = (workers: number, queue: number) => createPool({ id: 'steps', workers, queue })

describe('a pool', () => {
  it('runs as many tasks at once as it has workers, and the next when one ends', async () => {
    const steps = pool(2, 10)
    const [a, b, c] = [gate('a'), gate('b'), gate('c')]
    const results = [a, b, c].map((held) => steps.submit(held.task))
    await Promise.all([a.started, b.started])
    expect(steps.stats()).toMatchObject({ running: 2, queued: 1 })
    a.open()
    await c.started
    expect(steps.stats()).toMatchObject({ running: 2, queued: 0, done: 1 })
    b.open()
    c.open()
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c'])
    expect(steps.stats()).toEqual({ id: 'steps', workers: 2, running: 0, queued: 0, done: 3, failed: 0 })
  })

  it('says which waiting task is at a position', async () => {
    const steps = pool(1, 10)
    const [a, b, c] = [gate('a'), gate('b'), gate('c')]
    const results = [a, b, c].map((held, index) => steps.submit({ ...held.task, key: `task-${index}` }))
    await a.started
    expect(['task-0', 'task-1', 'task-2', 'nothing'].map(steps.placeOf)).toEqual([undefined, 1, 2, undefined])
    a.open()
    await b.started
    expect(['task-1', 'task-2'].map(steps.placeOf)).toEqual([undefined, 1])
    b.open()
    c.open()
    await Promise.all(results)
  })

  it('takes waiting tasks in the order they came', async () => {
    const steps = pool(1, 10)
    const first = gate('first')
    const order: number[] = []
    const held = steps.submit(first.task)
    const signal = new AbortController().signal
    const waiting = [1, 2, 3].map((n) => steps.submit({ signal, run: async () => order.push(n) }))
    first.open()
    await Promise.all([held, ...waiting])
    expect(order).toEqual([1, 2, 3])
  })

  it('does not let a newcomer overtake the task that a free place was given to', async () => {
    const steps = pool(1, 10)
    const [first, second, third] = [gate(1), gate(2), gate(3)]
    const results = [steps.submit(first.task), steps.submit(second.task)]
    first.open()
    await results[0]
    results.push(steps.submit(third.task))
    expect(steps.stats()).toMatchObject({ running: 1, queued: 1 })
    second.open()
    third.open()
    expect(await Promise.all(results)).toEqual([1, 2, 3])
  })

  it('refuses with BusyError when the queue is full, and takes work again when there is room', async () => {
    const steps = pool(1, 1)
    const [a, b] = [gate('a'), gate('b')]
    const results = [steps.submit(a.task), steps.submit(b.task)]
    await expect(steps.submit(gate('c').task)).rejects.toMatchObject({ name: 'BusyError', code: 'queue_full' })
    a.open()
    b.open()
    await Promise.all(results)
    const late = gate('late')
    late.open()
    expect(await steps.submit(late.task)).toBe('late')
  })

  it('counts failures and goes on', async () => {
    const steps = pool(1, 1)
    const bad = gate('bad')
    const result = steps.submit(bad.task)
    bad.fail(new Error('no'))
    await expect(result).rejects.toThrow('no')
    const signal = new AbortController().signal
    const thrown = steps.submit({
      signal,
      run: () => {
        throw new Error('at once')
      },
    })
    await expect(thrown).rejects.toThrow('at once')
    expect(steps.stats()).toMatchObject({ running: 0, failed: 2, done: 0 })
  })

  it('refuses sizes that make no pool', () => {
    expect(() => pool(0, 1)).toThrow(RangeError)
    expect(() => pool(1, -1)).toThrow(RangeError)
    expect(() => pool(1.5, 1)).toThrow(RangeError)
  })
})

describe('a task that is cancelled', () => {
  it('leaves the queue at once and frees its place there', async () => {
    const steps = pool(1, 1)
    const first = gate('first')
    const held = steps.submit(first.task)
    const off = new AbortController()
    const waiting = steps.submit(gate('never', off.signal).task)
    off.abort(new Error('reason'))
    expect(steps.stats()).toMatchObject({ queued: 0 })
    await expect(waiting).rejects.toMatchObject({ name: 'CancelledError', cause: { message: 'reason' } })
    const next = gate('next')
    const later = steps.submit(next.task)
    first.open()
    next.open()
    expect([await held, await later]).toEqual(['first', 'next'])
    expect(steps.stats()).toMatchObject({ done: 2, failed: 0 })
  })

  it('is cancelled with all tasks of its signal, which has one listener until they are gone', async () => {
    const steps = pool(1, 100)
    const first = gate('first')
    const held = steps.submit(first.task)
    const off = new AbortController()
    const waiting = Array.from({ length: 100 }, () => steps.submit(gate('never', off.signal).task))
    expect(getEventListeners(off.signal, 'abort')).toHaveLength(1)
    off.abort()
    const ends = await Promise.allSettled(waiting)
    expect(ends.every((end) => end.status === 'rejected' && end.reason.code === 'cancelled')).toBe(true)
    expect(getEventListeners(off.signal, 'abort')).toHaveLength(0)
    first.open()
    expect(await held).toBe('first')
  })

  it('never starts when it was cancelled before', async () => {
    const signal = AbortSignal.abort()
    let ran = false
    await expect(pool(1, 1).submit({ signal, run: async () => (ran = true) })).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect(ran).toBe(false)
  })

  it('is notified by its signal while it runs, and holds its worker until it ends', async () => {
    const steps = pool(1, 1)
    const off = new AbortController()
    const seen = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const running = steps.submit({
      signal: off.signal,
      async run(signal) {
        signal.addEventListener('abort', () => seen.resolve())
        await released.promise
        signal.throwIfAborted()
      },
    })
    off.abort(new Error('off'))
    await seen.promise
    expect(steps.stats().running).toBe(1)
    released.resolve()
    await expect(running).rejects.toThrow('off')
    expect(steps.stats().running).toBe(0)
  })
})

describe('closing a pool', () => {
  it('waits for what was taken and refuses what comes', async () => {
    const steps = pool(1, 5)
    const [a, b] = [gate('a'), gate('b')]
    const results = [steps.submit(a.task), steps.submit(b.task)]
    let closed = false
    const closing = steps.close().then(() => (closed = true))
    await expect(steps.submit(gate('c').task)).rejects.toMatchObject({ code: 'busy' })
    a.open()
    await b.started
    expect(closed).toBe(false)
    b.open()
    await closing
    expect(await Promise.all(results)).toEqual(['a', 'b'])
    await steps.close()
  })

  it('is immediate when nothing runs', async () => {
    await pool(1, 1).close()
  })
})

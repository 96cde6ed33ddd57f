import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises'
import { expect } from 'vitest'
import { simulatedClock } from '../../src/testing/clock.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { actor, ignoreOutcome, ref, untilQueued } from './actors.ts'
import { eventualNotices, WORKER, workerActor, workerState } from './cancellation.ts'
import type { DefineTest } from './harness.ts'

export const WALKER = ref('walker')

/** Takes one step after another, each with a message to itself, and counts them. */
export const walkerActor = () =>
  actor<number, string>('walker', 0, async (steps, message, effects) => {
    await effects.run('step', () => nextTurnOfTheLoop())
    return { state: steps + 1, send: [{ to: effects.self, body: message }] }
  })

/** Mail of cancelled work is dropped, whether it waits, is delayed or arrives late. All other mail is processed. */
export function cancelledMail(test: DefineTest): void {
  test('waiting mail of that work is dropped and its callers get errors; other work continues in order', async (open) => {
    const hold = gate()
    const bench = await open([workerActor({ long: hold })])
    const { engine } = bench
    await engine.ask(WORKER, 'before')
    const ask = (name: string) => engine.ask(WORKER, name, { id: name, correlationId: 'x' })
    const long = ask('long')
    await hold.started
    const asked = [long, ask('x1'), ask('x2')]
    for (const asking of asked) ignoreOutcome(asking)
    await untilQueued(bench, WORKER, 2)
    const others: Promise<unknown>[] = []
    for (const name of ['y1', 'y2']) {
      others.push(engine.ask(WORKER, name, { id: name, correlationId: 'y' }))
      await untilQueued(bench, WORKER, 2 + others.length)
    }
    await engine.cancel(WORKER, 'x', 'enough')
    for (const asking of asked) await expect(asking).rejects.toMatchObject({ code: 'cancelled' })
    expect(await Promise.all(others)).toEqual(['y1', 'y2'])
    await eventualNotices(engine)
    expect(await workerState(engine)).toEqual({ done: ['before', 'y1', 'y2'], notices: ['enough'] })
    expect(await engine.deadLetters.list()).toEqual([])
  })

  test('late mail of that work is dropped, and its caller gets an error', async (open) => {
    const bench = await open([workerActor()])
    await bench.engine.ask(WORKER, 'before', { correlationId: 'x' })
    await bench.engine.cancel(WORKER, 'x', 'enough')
    await eventualNotices(bench.engine)
    await bench.engine.tell(WORKER, 'late', { correlationId: 'x' })
    await expect(bench.engine.ask(WORKER, 'late', { correlationId: 'x' })).rejects.toMatchObject({ code: 'cancelled' })
    await bench.crash()
    await expect(bench.engine.ask(WORKER, 'late', { correlationId: 'x' })).rejects.toMatchObject({ code: 'cancelled' })
    expect(await bench.engine.ask(WORKER, 'other', { correlationId: 'y' })).toBe('other')
    expect(await workerState(bench.engine)).toEqual({ done: ['before', 'other'], notices: ['enough'] })
  })

  test('two pieces of work that are cancelled together are both dropped, and neither runs again', async (open) => {
    const [holdX, holdY] = [gate(), gate()]
    const bench = await open([workerActor({ x: holdX, y: holdY })])
    const { engine } = bench
    await engine.ask(WORKER, 'before')
    const x = engine.ask(WORKER, 'x', { id: 'x' })
    await holdX.started
    const y = engine.ask(WORKER, 'y', { id: 'y' })
    for (const asking of [x, y]) ignoreOutcome(asking)
    await untilQueued(bench, WORKER, 1)
    await Promise.all([engine.cancel(WORKER, 'x', 'x ends'), engine.cancel(WORKER, 'y', 'y ends')])
    await expect(x).rejects.toMatchObject({ code: 'cancelled' })
    await expect(y).rejects.toMatchObject({ code: 'cancelled' })
    await eventualNotices(engine, 2)
    expect(holdX.arrivals).toBe(1)
    // on a server, the cancellation may arrive a moment after x has ended
    expect(holdY.arrivals).toBeLessThanOrEqual(bench.isRemote ? 1 : 0)
    expect((await workerState(engine))?.done).toEqual(['before'])
  })

  test('timers of that work do not fire', async (open) => {
    const timed = workerActor(
      {},
      {
        receive: (state, name) => ({
          state: { ...state, done: [...state.done, name] },
          ...(name === 'set' && { timers: { late: { delay: 300, body: 'late' } } }),
          ...(name === 'set other' && { timers: { other: { delay: 300, body: 'other' } } }),
          reply: name,
        }),
      },
    )
    const { engine, pass } = await open([timed], { clock: simulatedClock() })
    await engine.ask(WORKER, 'set', { correlationId: 'x' })
    await engine.ask(WORKER, 'set other', { correlationId: 'y' })
    await engine.cancel(WORKER, 'x', 'enough')
    await eventualNotices(engine)
    await pass(500)
    await until(async () => (await workerState(engine))?.done.includes('other'))
    expect((await workerState(engine))?.done).toEqual(['set', 'set other', 'other'])
  })

  test('a delayed start is dropped before its actor exists', async (open) => {
    const { engine, pass } = await open([workerActor()], { clock: simulatedClock() })
    await engine.tell(WORKER, 'start', { delay: 2_000, correlationId: 'x' })
    await engine.tell(WORKER, 'other', { delay: 2_000, correlationId: 'y' })
    await engine.cancel(WORKER, 'x', 'enough')
    await pass(1_000)
    await pass(2_000)
    await until(() => workerState(engine))
    await engine.ask(WORKER, 'last')
    expect((await workerState(engine))?.done).toEqual(['other', 'last'])
  })

  test('a waiting start is dropped before its actor exists', async (open) => {
    const hold = gate()
    const bench = await open([workerActor({ long: hold })])
    ignoreOutcome(bench.engine.ask(WORKER, 'long', { id: 'x' }))
    await hold.started
    await bench.crash({ only: 'nothing' })
    await bench.engine.cancel(WORKER, 'x', 'enough')
    // the cancellation is processed before the start message of its work
    await bench.engine.ask(ref('worker', 'other'), 'meanwhile')
    await bench.engine.start()
    await expect(bench.engine.ask(WORKER, 'long', { id: 'x' })).rejects.toMatchObject({ code: 'cancelled' })
    expect(await workerState(bench.engine)).toBeUndefined()
    expect(hold.arrivals).toBe(1)
  })

  test('cancelled work cannot continue through messages of an actor to itself', async (open) => {
    const { engine } = await open([walkerActor()])
    await engine.tell(WALKER, 'walk', { id: 'x' })
    await until(async () => ((await engine.view.peek(WALKER)) as number) > 1)
    await engine.cancel(WALKER, 'x', 'enough')
    await until(async () => (await engine.view.inspect(WALKER)).length === 0)
    expect(await engine.deadLetters.list()).toEqual([])
    // the new actor works for another work
    await engine.tell(WALKER, 'walk', { id: 'y' })
    await until(async () => ((await engine.view.peek(WALKER)) as number) > 1)
    await engine.cancel(WALKER, 'y', 'enough')
    await until(async () => (await engine.view.inspect(WALKER)).length === 0)
  })
}

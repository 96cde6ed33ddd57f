import { expect } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import type { Actor } from '../../src/kernel/types.ts'
import { type Gate, gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { actor, ignoreOutcome, ref, takeFirst, untilQueued } from './actors.ts'
import type { DefineTest } from './harness.ts'

export const WORKER = ref('worker')
type WorkerState = { readonly done: readonly string[]; readonly notices: readonly string[] }
type WorkerOverrides = Partial<Actor<WorkerState, string>>

/**
 * Performs commands by name. A command with a gate waits there, in an
 * effect. Records completed commands and reasons of cancellations.
 */
export function workerActor(
  gates: { readonly [name: string]: Gate } = {},
  more: WorkerOverrides = {},
): Actor<WorkerState, string> {
  return actor<WorkerState, string>(
    'worker',
    { done: [], notices: [] },
    async (state, name, effects) => {
      const held = gates[name]
      if (held) await effects.run('work', ({ signal }) => held.pass(signal))
      return { state: { ...state, done: [...state.done, name] }, events: [name], reply: name }
    },
    {
      notice: (state, notice) =>
        notice.type === 'cancelled' ? { state: { ...state, notices: [...state.notices, notice.reason] } } : {},
      ...more,
    },
  )
}

export const workerState = async (engine: Engine) => (await engine.view.peek(WORKER)) as WorkerState | undefined
export const eventualNotices = (engine: Engine, count = 1) =>
  until(async () => ((await workerState(engine))?.notices.length ?? 0) >= count)

/** Asks for `long`, and cancels it once it waits at the gate. The caller gets an error. */
async function cancelLong(engine: Engine, { started }: Gate): Promise<void> {
  const asked = engine.ask(WORKER, 'long', { id: 'x' })
  ignoreOutcome(asked)
  await started
  await engine.cancel(WORKER, 'x', 'enough')
  await expect(asked).rejects.toMatchObject({ code: 'cancelled', name: 'CancelledError' })
}

/** Running work is cancelled: none of it is committed, and the actor is notified once. */
export function cancellation(test: DefineTest): void {
  test('a running effect is interrupted: nothing is committed, and the caller gets an error', async (open) => {
    const hold = gate()
    let signal: AbortSignal | undefined
    const watched: Gate = { ...hold, pass: (given) => hold.pass((signal = given)) }
    const { engine } = await open([workerActor({ long: watched })])
    await engine.ask(WORKER, 'before')
    await cancelLong(engine, hold)
    expect(signal?.aborted).toBe(true)
    await eventualNotices(engine)
    expect(await workerState(engine)).toEqual({ done: ['before'], notices: ['enough'] })
    expect(await engine.deadLetters.list()).toEqual([])
    await engine.ask(WORKER, 'after')
    expect((await takeFirst(engine.view.events(WORKER), 2)).map(({ body }) => body)).toEqual(['before', 'after'])
  })

  test('an effect that ignores its signal is abandoned', async (open) => {
    const hold = gate()
    const deaf: Gate = { ...hold, pass: () => hold.pass() }
    const { engine } = await open([workerActor({ long: deaf })])
    await engine.ask(WORKER, 'before')
    await cancelLong(engine, hold)
    await eventualNotices(engine)
    hold.release()
    await engine.ask(WORKER, 'after')
    expect(await workerState(engine)).toEqual({ done: ['before', 'after'], notices: ['enough'] })
  })

  test('a turn that catches its own interruption still commits nothing', async (open) => {
    const hold = gate()
    const stubborn = workerActor(
      {},
      {
        receive: async (state, name, effects) => {
          if (name === 'long') await effects.run('work', ({ signal }) => hold.pass(signal)).catch(() => {})
          return { state: { ...state, done: [...state.done, name] }, reply: name }
        },
      },
    )
    const { engine } = await open([stubborn])
    await engine.ask(WORKER, 'before')
    await cancelLong(engine, hold)
    await eventualNotices(engine)
    expect(await workerState(engine)).toEqual({ done: ['before'], notices: ['enough'] })
  })

  test('the pause before a retry ends', async (open) => {
    const tried = gate()
    const never = workerActor(
      {},
      {
        receive: async (_state, _name, effects) => {
          await effects.run('work', () => {
            ignoreOutcome(tried.pass())
            throw new Error('not yet')
          })
          return { reply: 'done' }
        },
        supervise: () => ({ type: 'retry', delay: 3_600_000 }),
      },
    )
    const { engine } = await open([never])
    await cancelLong(engine, tried)
    expect(tried.arrivals).toBe(1)
  })

  test('without a notice handler the actor stops', async (open) => {
    const hold = gate()
    const plain = actor('worker', 0, async (count, name, effects) => {
      if (name === 'long') await effects.run('work', ({ signal }) => hold.pass(signal))
      return { state: count + 1, reply: count + 1 }
    })
    const { engine } = await open([plain])
    await engine.ask(WORKER, 'before')
    await cancelLong(engine, hold)
    await until(async () => (await engine.view.peek(WORKER)) === undefined)
    expect(await engine.ask(WORKER, 'anew')).toBe(1)
  })

  test('a first turn that is cancelled leaves no actor', async (open) => {
    const hold = gate()
    const { engine } = await open([workerActor({ long: hold })])
    await cancelLong(engine, hold)
    expect(await workerState(engine)).toBeUndefined()
    expect(hold.arrivals).toBe(1)
  })

  test('a turn past its last effect commits, and the notice follows', async (open) => {
    const hold = gate()
    const late = workerActor(
      {},
      {
        receive: async (state, name, effects) => {
          await effects.run('work', () => 'done')
          if (name === 'long') await hold.pass()
          return { state: { ...state, done: [...state.done, name] }, reply: name }
        },
      },
    )
    const { engine } = await open([late])
    const asked = engine.ask(WORKER, 'long', { id: 'x' })
    await hold.started
    await engine.cancel(WORKER, 'x', 'enough')
    hold.release()
    expect(await asked).toBe('long')
    await eventualNotices(engine)
    expect(await workerState(engine)).toEqual({ done: ['long'], notices: ['enough'] })
  })

  test('a turn of other work is not interrupted', async (open) => {
    const hold = gate()
    let signal: AbortSignal | undefined
    const watched: Gate = { ...hold, pass: (given) => hold.pass((signal = given)) }
    const bench = await open([workerActor({ long: watched })])
    const { engine } = bench
    const other = engine.ask(WORKER, 'long', { id: 'other' })
    await hold.started
    const waiting = engine.ask(WORKER, 'waiting', { id: 'x' })
    ignoreOutcome(waiting)
    await untilQueued(bench, WORKER, 1)
    await engine.tell(WORKER, 'last')
    await engine.cancel(WORKER, 'x', 'enough')
    expect(signal?.aborted).toBe(false)
    hold.release()
    expect(await other).toBe('long')
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
    await until(async () => (await workerState(engine))?.done.includes('last'))
    await eventualNotices(engine)
    expect(await workerState(engine)).toEqual({ done: ['long', 'last'], notices: ['enough'] })
  })

  test('a durable cancellation still holds after a crash', async (open) => {
    const hold = gate()
    const bench = await open([workerActor({ long: hold })])
    await bench.engine.ask(WORKER, 'before')
    ignoreOutcome(bench.engine.ask(WORKER, 'long', { id: 'x' }))
    await hold.started
    await bench.engine.cancel(WORKER, 'x', 'enough')
    await bench.crash()
    await expect(bench.engine.ask(WORKER, 'long', { id: 'x' })).rejects.toMatchObject({ code: 'cancelled' })
    await eventualNotices(bench.engine)
    expect(hold.arrivals).toBe(1)
    expect(await workerState(bench.engine)).toEqual({ done: ['before'], notices: ['enough'] })
  })

  test('work that is cancelled twice gets one notice, even while the notice is handled', async (open) => {
    const cleaning = gate()
    const tidy = workerActor(
      {},
      {
        notice: async (state, notice, effects) => {
          await effects.run('clean up', ({ signal }) => cleaning.pass(signal))
          return { state: { ...state, notices: [...state.notices, notice.type] } }
        },
      },
    )
    const { engine } = await open([tidy])
    await engine.ask(WORKER, 'before', { correlationId: 'x' })
    await engine.cancel(WORKER, 'x', 'enough')
    await cleaning.started
    await engine.cancel(WORKER, 'x', 'really')
    cleaning.release()
    await engine.ask(WORKER, 'after')
    expect(await workerState(engine)).toEqual({ done: ['before', 'after'], notices: ['cancelled'] })
    expect(cleaning.arrivals).toBe(1)
  })

  test('the notice cleans up, and cancels the work that the actor had started', async (open) => {
    const hold = gate()
    const CHILD = ref('child')
    const parent = workerActor(
      {},
      {
        receive: (state, name) => ({
          state: { ...state, done: [...state.done, name] },
          send: [{ to: CHILD, body: name }],
          reply: name,
        }),
        notice: (state) => ({
          state: { ...state, notices: [...state.notices, 'cleaned up'] },
          parts: { scratch: null },
          cancel: [{ of: CHILD, reason: 'its parent was cancelled' }],
        }),
      },
    )
    const child = actor(
      'child',
      '',
      async (_state, _message, effects) => {
        await effects.run('work', ({ signal }) => hold.pass(signal))
        return { state: 'done' }
      },
      { notice: (_state, notice) => ({ state: notice.type === 'cancelled' ? notice.reason : '' }) },
    )
    const settled = actor('child', 'settled', () => ({ state: 'settled' }))
    const bench = await open([parent, settled])
    await bench.engine.tell(CHILD, 'be there')
    await until(() => bench.engine.view.peek(CHILD))
    await bench.reopen({ actors: [parent, child] })
    await bench.engine.ask(WORKER, 'long', { correlationId: 'x' })
    await hold.started
    await bench.engine.cancel(WORKER, 'x', 'enough')
    await until(async () => (await bench.engine.view.peek(CHILD)) === 'its parent was cancelled')
    expect((await workerState(bench.engine))?.notices).toEqual(['cleaned up'])
  })
}

import { expect } from 'vitest'
import type { EffectCall } from '../../src/kernel/types.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { actor, ignoreOutcome, READ, RECORDER, recorderActor, ref } from './actors.ts'
import type { DefineTest } from './harness.ts'

const SLOW = ref('slow')
const BUSY_ERROR = { name: 'BusyError' }

/** Waits at the gate in an effect, then counts and informs the recorder. */
const slow = (hold: ReturnType<typeof gate>) =>
  actor('slow', 0, async (count, _message, effects) => {
    await effects.run('hold', ({ signal }) => hold.pass(signal))
    return { state: count + 1, send: [{ to: RECORDER, body: effects.self.key }], reply: count + 1 }
  })

/** A stop ends running work and keeps waiting work. */
export function stop(test: DefineTest): void {
  test('a running turn ends, and its decision is durable', async (open) => {
    const hold = gate()
    const bench = await open([slow(hold), recorderActor()])
    await bench.engine.tell(SLOW, null)
    await hold.started
    const stopped = bench.engine.stop()
    hold.release()
    await stopped
    await bench.reopen()
    expect(await bench.engine.view.peek(SLOW)).toBe(1)
    await until(() => bench.engine.view.peek(RECORDER))
    expect(await bench.engine.ask(RECORDER, READ)).toEqual(['1'])
    expect(hold.arrivals).toBe(1)
  })

  test('new work is rejected as soon as a stop begins', async (open) => {
    const hold = gate()
    const { engine } = await open([slow(hold), recorderActor()])
    await engine.tell(SLOW, null)
    await hold.started
    const stopped = engine.stop()
    await expect(engine.tell(RECORDER, 'late')).rejects.toMatchObject(BUSY_ERROR)
    await expect(engine.ask(RECORDER, 'late')).rejects.toMatchObject(BUSY_ERROR)
    hold.release()
    await stopped
    await expect(engine.tell(RECORDER, 'late')).rejects.toMatchObject(BUSY_ERROR)
    await expect(engine.ask(RECORDER, 'late')).rejects.toMatchObject(BUSY_ERROR)
    await expect(engine.cancel(RECORDER, 'late', 'enough')).rejects.toMatchObject(BUSY_ERROR)
  })

  test('a second stop ends when the first does', async (open) => {
    const hold = gate()
    const { engine } = await open([slow(hold), recorderActor()])
    await engine.tell(SLOW, null)
    await hold.started
    let ended = 0
    const stops = [engine.stop(), engine.stop()].map((stopping) => stopping.then(() => ended++))
    await expect(engine.tell(RECORDER, 'late')).rejects.toMatchObject(BUSY_ERROR)
    expect(ended).toBe(0)
    hold.release()
    await Promise.all(stops)
    await engine.stop()
  })

  test('mail that waits is taken after the next start', async (open) => {
    const hold = gate()
    const bench = await open([slow(hold), recorderActor()])
    await bench.engine.tell(SLOW, null)
    await bench.engine.tell(SLOW, null)
    await hold.started
    const stopped = bench.engine.stop()
    hold.release()
    await stopped
    expect(hold.arrivals).toBe(1)
    await bench.reopen()
    await until(async () => (await bench.engine.view.peek(SLOW)) === 2)
  })

  test('after the grace period, running effects are interrupted, and repeated after the next start', async (open) => {
    const hold = gate()
    let signal: AbortSignal | undefined
    const pass = (given?: AbortSignal) => {
      signal ??= given
      return hold.pass(given)
    }
    const bench = await open([slow({ ...hold, pass }), recorderActor()])
    const asked = bench.engine.ask(SLOW, null, { id: 'same' })
    ignoreOutcome(asked)
    await hold.started
    await bench.engine.stop({ grace: 1 })
    expect(signal?.aborted).toBe(true)
    await expect(asked).rejects.toMatchObject({ name: 'CancelledError', code: 'stopped' })
    await bench.reopen()
    expect(await bench.engine.view.peek(SLOW)).toBeUndefined()
    hold.release()
    expect(await bench.engine.ask(SLOW, null, { id: 'same' })).toBe(1)
    expect(hold.arrivals).toBe(2)
  })

  test('a counted attempt counts if a crash cuts it off, not if a stop ends it', async (open) => {
    const begun = gate()
    const attempts: string[] = []
    const counted = actor(
      'slow',
      0,
      async (_count, _message, effects) => {
        const work = async ({ attempt, counted, begin, signal }: EffectCall) => {
          attempts.push(counted ? `${attempt}, ${counted.cutOff} cut off` : 'not counted')
          const pass = () => begun.pass(signal)
          await (begin ? begin(pass) : pass())
        }
        await effects.run('work', work, { counted: true })
        return { state: attempts.length }
      },
      { supervise: () => ({ type: 'retry', delay: 0 }) },
    )
    const bench = await open([counted])
    await bench.engine.tell(SLOW, null)
    await until(() => begun.arrivals === 1)
    await bench.engine.stop({ grace: 1 })
    await bench.reopen()
    await until(() => begun.arrivals === 2)
    await bench.crash()
    await until(() => begun.arrivals === 3)
    begun.release()
    await until(async () => (await bench.engine.view.peek(SLOW)) === 3)
    const expected = ['1, 0 cut off', '1, 0 cut off', '2, 1 cut off']
    expect(attempts).toEqual(bench.isRemote ? expected.map(() => 'not counted') : expected)
  })

  test('a stop does not wait for the pause before a retry', async (open) => {
    const tried = gate()
    const attempts: number[] = []
    const patient = actor(
      'slow',
      0,
      async (_count, _message, effects) => ({
        reply: await effects.run('work', ({ attempt }) => {
          attempts.push(attempt)
          ignoreOutcome(tried.pass())
          if (attempt === 1) throw new Error('not yet')
          return 'done'
        }),
      }),
      { supervise: () => ({ type: 'retry', delay: attempts.length > 1 ? 1 : 3_600_000 }) },
    )
    const { engine } = await open([patient, recorderActor()])
    ignoreOutcome(engine.ask(SLOW, null, { id: 'same' }))
    await tried.started
    // by now the pause has begun
    await engine.ask(RECORDER, 'meanwhile')
    await engine.stop()
    expect(attempts).toEqual([1])
  })

  test('start({ only }) resumes one piece of work and leaves the rest until a start without it', async (open) => {
    const hold = gate()
    const bench = await open([slow(hold), recorderActor()])
    for (const key of ['x', 'y']) await bench.engine.tell(ref('slow', key), null, { correlationId: key })
    await until(() => hold.arrivals === 2)
    await bench.crash({ only: 'x' })
    hold.release()
    await until(() => bench.engine.view.peek(RECORDER))
    expect(await bench.engine.ask(RECORDER, READ)).toEqual(['x'])
    expect(await bench.engine.view.peek(ref('slow', 'y'))).toBeUndefined()
    expect(hold.arrivals).toBe(3)
    expect(await bench.engine.start({ only: 'x' })).toBe(0)
    expect(await bench.engine.start()).toBe(1)
    await until(async () => (await bench.engine.view.peek(ref('slow', 'y'))) === 1)
    expect(await bench.engine.view.peek(ref('slow', 'x'))).toBe(1)
  })

  test('work that start({ only }) left waits for the next process', async (open) => {
    const hold = gate()
    const bench = await open([slow(hold), recorderActor()])
    for (const key of ['x', 'y']) await bench.engine.tell(ref('slow', key), null, { correlationId: key })
    await until(() => hold.arrivals === 2)
    await bench.crash({ only: 'x' })
    hold.release()
    await until(() => bench.engine.view.peek(ref('slow', 'x')))
    await bench.reopen()
    await until(async () => (await bench.engine.view.peek(ref('slow', 'y'))) === 1)
    expect(await bench.engine.view.peek(ref('slow', 'x'))).toBe(1)
  })
}

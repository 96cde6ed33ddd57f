import { expect } from 'vitest'
import { TerminalError } from '../../src/errors.ts'
import type { EffectCall, Effects } from '../../src/kernel/types.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { gate } from '../../src/testing/gate.ts'
import { aboutTime, actor, ignoreOutcome, ref } from './actors.ts'
import type { DefineTest, EngineBench, OpenTestBench } from './harness.ts'

const WORKER = ref('worker')

/**
 * Crashes while an effect after `before` runs, so that everything `before` did is durable, then lets the turn end.
 * Returns the results of `before`, one for each run of the turn.
 */
async function crashAfter<T>(
  open: OpenTestBench,
  before: (effects: Effects) => Promise<T>,
  between?: (bench: EngineBench) => Promise<void>,
): Promise<T[]> {
  const hold = gate()
  const returned: T[] = []
  const worker = actor('worker', null, async (_state, _message, effects) => {
    returned.push(await before(effects))
    await effects.run('hold', ({ signal }) => hold.pass(signal))
    return { reply: true }
  })
  const bench: EngineBench = await open([worker])
  ignoreOutcome(bench.engine.ask(WORKER, null, { id: 'w' }))
  await hold.started
  await between?.(bench)
  await bench.crash()
  hold.release()
  await bench.engine.ask(WORKER, null, { id: 'w' })
  return returned
}

/** After a crash, a turn gets the journaled results. */
export function replay(test: DefineTest): void {
  test('an outcome is replayed, and its effect does not run again', async (open) => {
    let runs = 0
    const returned = await crashAfter(open, (effects) => effects.run('count', () => ++runs))
    expect(returned).toEqual([1, 1])
    expect(runs).toBe(1)
  })

  test('an effect that a crash interrupted runs again, with the same idempotency key', async (open) => {
    const hold = gate()
    const keys: string[] = []
    const worker = actor('worker', null, async (_state, _message, effects) => ({
      reply: await effects.run('work', async ({ idempotencyKey, signal }) => {
        keys.push(idempotencyKey)
        await hold.pass(signal)
        return 'done'
      }),
    }))
    const bench = await open([worker])
    ignoreOutcome(bench.engine.ask(WORKER, null, { id: 'w' }))
    await hold.started
    await bench.crash()
    hold.release()
    expect(await bench.engine.ask(WORKER, null, { id: 'w' })).toBe('done')
    expect(keys).toHaveLength(2)
    expect(keys[1]).toBe(keys[0])
  })

  test('when effects run in parallel, a crash repeats those that had not ended, with the same idempotency keys', async (open) => {
    const hold = gate()
    const ended = Promise.withResolvers<void>()
    const keys: string[] = []
    const act = (name: string, work: (call: EffectCall) => Promise<void> | void) => ({
      name,
      act: async (call: EffectCall) => {
        keys.push(call.idempotencyKey)
        await work(call)
        return name
      },
    })
    const wide = actor('worker', null, async (_state, _message, effects) => ({
      reply: await effects.runAll([
        act('quick', () => ended.resolve()),
        act('slow', ({ signal }) => hold.pass(signal)),
      ]),
    }))
    const other = actor('other', null, () => ({ reply: true }))
    const bench = await open([wide, other])
    ignoreOutcome(bench.engine.ask(WORKER, null, { id: 'w' }))
    await Promise.all([hold.started, ended.promise])
    // its answer leaves only when everything recorded before is durable
    await bench.engine.ask(ref('other'), null)
    await bench.crash()
    hold.release()
    expect(await bench.engine.ask(WORKER, null, { id: 'w' })).toEqual(['quick', 'slow'])
    expect(keys).toHaveLength(3)
    expect(keys[2]).toMatch(/slow$/)
    expect(keys.slice(0, 2)).toContain(keys[2])
  })

  test('the time since the first attempt of an effect counts across a crash', async (open) => {
    const long = 300
    const [first, second] = [gate(), gate()]
    const elapsed: number[] = []
    const worker = actor(
      'worker',
      null,
      async (_state, _message, effects) => {
        await effects.run('work', async ({ attempt, signal }) => {
          await (attempt === 1 ? first : second).pass(signal)
          throw new Error('not yet')
        })
        return {}
      },
      {
        supervise(failure) {
          elapsed.push(failure.elapsed)
          return failure.attempt < 2 ? { type: 'retry', delay: 1 } : { type: 'fail' }
        },
      },
    )
    const bench = await open([worker])
    ignoreOutcome(bench.engine.ask(WORKER, null, { id: 'w' }))
    await first.started
    await bench.pass(long)
    first.release()
    await second.started
    await bench.crash()
    second.release()
    await expect(bench.engine.ask(WORKER, null, { id: 'w' })).rejects.toThrow('not yet')
    // work that survived the crash may still ask
    const [before = 0, ...after] = elapsed
    // a timer may fire a millisecond early
    expect(before).toBeGreaterThanOrEqual(long - 2)
    expect(after.length).toBeGreaterThan(0)
    expect(Math.min(...after)).toBeGreaterThan(before)
  })

  test('a replayed error is the error of the first run', async (open) => {
    const returned = await crashAfter(open, async (effects) => {
      const failing = effects.run('fail', () => {
        throw new TerminalError('out of ink', { code: 'no_ink' })
      })
      return failing.catch(({ name, code, message, terminal }) => ({ name, code, message, terminal }))
    })
    expect(returned[0]).toEqual({ name: 'TerminalError', code: 'no_ink', message: 'out of ink', terminal: true })
    expect(returned[1]).toEqual(returned[0])
  })

  test('attempts are counted across a crash', async (open) => {
    const hold = gate()
    const attempts: number[] = []
    const worker = actor(
      'worker',
      null,
      async (_state, _message, effects) => ({
        reply: await effects.run('work', async ({ attempt, signal }) => {
          attempts.push(attempt)
          if (attempt === 1) throw new Error('not yet')
          await hold.pass(signal)
          return attempt
        }),
      }),
      { supervise: () => ({ type: 'retry', delay: 1 }) },
    )
    const bench = await open([worker])
    ignoreOutcome(bench.engine.ask(WORKER, null, { id: 'w' }))
    await hold.started
    await bench.crash()
    hold.release()
    expect(await bench.engine.ask(WORKER, null, { id: 'w' })).toBe(2)
    expect(attempts).toEqual([1, 2, 2])
  })

  test('the time is the same on replay', async (open) => {
    const seen: { at?: unknown } = {}
    const withClock: OpenTestBench = (actors) => open(actors, { clock: simulatedClock() })
    const returned = await crashAfter(
      withClock,
      (effects) => effects.now(),
      (bench) => {
        seen.at = aboutTime(bench, bench.now())
        return bench.pass(50)
      },
    )
    expect(returned).toEqual([seen.at, returned[0]])
  })

  test('a part reads the same on replay', async (open) => {
    const hold = gate()
    const read: unknown[] = []
    const worker = actor('worker', null, async (_state, message, effects) => {
      if (message === 'write') return { parts: { note: 'old' }, reply: true }
      read.push(await effects.part('note'))
      await effects.run('hold', ({ signal }) => hold.pass(signal))
      return { parts: { note: 'new' }, reply: true }
    })
    const bench = await open([worker])
    await bench.engine.ask(WORKER, 'write')
    ignoreOutcome(bench.engine.ask(WORKER, 'replace', { id: 'w' }))
    await hold.started
    await bench.crash()
    hold.release()
    await bench.engine.ask(WORKER, 'replace', { id: 'w' })
    expect(read).toEqual(['old', 'old'])
  })

  test('a change that a turn makes to a result does not appear on replay', async (open) => {
    const returned = await crashAfter(open, async (effects) => {
      const result = await effects.run('list', () => ({ items: ['one'] }))
      const before = [...result.items]
      try {
        result.items.push('two')
      } catch {
        // an engine may forbid it
      }
      return before
    })
    expect(returned).toEqual([['one'], ['one']])
  })

  test('a result is the same value on the first run and on replay', async (open) => {
    const returned = await crashAfter(open, async (effects) => {
      const result = await effects.run('odd', () => ({
        at: new Date(0) as unknown as string,
        none: undefined,
        text: '\u0000ü',
      }))
      return [result, await effects.run('nothing', () => {})]
    })
    expect(returned[0]).toStrictEqual([{ at: '1970-01-01T00:00:00.000Z', text: '\u0000ü' }, null])
    expect(returned[1]).toStrictEqual(returned[0])
  })

  test('an at-most-once effect that a crash interrupted is unknown and does not run again', async (open) => {
    const hold = gate()
    const worker = actor('worker', '', async (_state, _message, effects) => {
      const sending = effects.run('send', ({ signal }) => hold.pass(signal), { effect: 'at-most-once' })
      const outcome = await sending.then(
        () => 'sent',
        ({ name, code }) => `${name} ${code}`,
      )
      return { state: outcome, reply: outcome }
    })
    const bench = await open([worker])
    ignoreOutcome(bench.engine.ask(WORKER, null, { id: 'w' }))
    await hold.started
    await bench.crash()
    hold.release()
    expect(await bench.engine.ask(WORKER, null, { id: 'w' })).toBe('UnknownError unknown')
    expect(hold.arrivals).toBe(1)
  })

  test('a crash before an at-most-once effect begins leaves no doubt: it is made afterwards, once', async (open) => {
    const begun: string[] = []
    const place = gate()
    const worker = actor('worker', '', async (_state, _message, effects) => {
      const send = async ({ signal, begin }: EffectCall) => {
        // the first one waits until its process is gone
        if (place.arrivals === 0) await place.pass(signal)
        await begin!(() => begun.push('send'))
      }
      await effects.run('send', send, { effect: 'at-most-once', begins: true })
      return { state: 'sent', reply: 'sent' }
    })
    const bench = await open([worker])
    ignoreOutcome(bench.engine.ask(WORKER, null, { id: 'w' }))
    await place.started
    await bench.crash()
    expect(await bench.engine.ask(WORKER, null, { id: 'w' })).toBe('sent')
    expect(begun).toEqual(['send'])
  })

  test('an at-most-once effect that has ended is replayed like any other', async (open) => {
    let runs = 0
    const returned = await crashAfter(open, (effects) => effects.run('send', () => ++runs, { effect: 'at-most-once' }))
    expect(returned).toEqual([1, 1])
  })
}

import { expect } from 'vitest'
import { BusyError, RetryableError, TerminalError } from '../../src/errors.ts'
import { retryUpTo } from '../../src/kernel/attempt/supervise.ts'
import type { Actor, Directive, EffectCall, EffectClass, Failure } from '../../src/kernel/types.ts'
import { gate } from '../../src/testing/gate.ts'
import { actor, range, ref, takeFirst } from './actors.ts'
import type { DefineTest } from './harness.ts'

const WORKER = ref('worker')
type WorkerOverrides = Partial<Actor<readonly unknown[], unknown>>

/** Runs one effect for each message, and records the messages that it completed. */
const worker = (
  work: (call: EffectCall, message: unknown) => unknown,
  more: WorkerOverrides = {},
  effect: EffectClass = 'idempotent',
) =>
  actor(
    'worker',
    [] as readonly unknown[],
    async (done, message, effects) => {
      if (message === 'read') return { reply: done as readonly string[] }
      const reply = await effects.run('work', async (call) => (await work(call, message)) as string, { effect })
      return { state: [...done, message], reply }
    },
    more,
  )

const soon = { supervise: () => ({ type: 'retry', delay: 1 }) as const }

/** Effects run one after the other, are retried in place, and have names. */
export function effects(test: DefineTest): void {
  test('a failed effect is retried in place: later messages wait', async (open) => {
    const attempts: unknown[] = []
    const flaky = worker(({ attempt }, message) => {
      attempts.push([message, attempt])
      if (message === 'first' && attempt < 3) throw new Error('not yet')
      return 'done'
    }, soon)
    const { engine } = await open([flaky])
    await engine.tell(WORKER, 'first')
    await engine.tell(WORKER, 'second')
    expect(await engine.ask(WORKER, 'read')).toEqual(['first', 'second'])
    expect(attempts).toEqual([
      ['first', 1],
      ['first', 2],
      ['first', 3],
      ['second', 1],
    ])
  })

  test('a terminal problem is not retried', async (open) => {
    const attempts: number[] = []
    const broken = worker(({ attempt }) => {
      attempts.push(attempt)
      throw new TerminalError('never', { code: 'never' })
    })
    const { engine } = await open([broken])
    await expect(engine.ask(WORKER, null)).rejects.toMatchObject({ code: 'never', message: 'never', terminal: true })
    expect(attempts).toEqual([1])
  })

  test('an at-most-once effect that fails is not retried', async (open) => {
    const attempts: number[] = []
    const broken = worker(
      ({ attempt }) => {
        attempts.push(attempt)
        throw new Error('half done')
      },
      {},
      'at-most-once',
    )
    const { engine } = await open([broken])
    await expect(engine.ask(WORKER, null)).rejects.toMatchObject({ message: 'half done' })
    expect(attempts).toEqual([1])
  })

  test('a busy pool does not count as an attempt', async (open) => {
    const attempts: number[] = []
    const busy = worker(
      ({ attempt }) => {
        attempts.push(attempt)
        if (attempts.length < 4) throw new BusyError('full', { delay: 1 })
        return 'done'
      },
      { supervise: retryUpTo(1) },
    )
    const { engine } = await open([busy])
    expect(await engine.ask(WORKER, null)).toBe('done')
    expect(attempts).toEqual([1, 1, 1, 1])
  })

  test('a retry at a time in the past happens at once', async (open) => {
    const late = worker(({ attempt }) => {
      if (attempt === 1) throw new RetryableError('then', { delay: -5 })
      return attempt
    })
    const { engine } = await open([late])
    expect(await engine.ask(WORKER, null)).toBe(2)
  })

  test('the message fails if supervision throws, or returns something that is not a directive', async (open) => {
    const wrong: readonly unknown[] = [Promise.resolve({ type: 'fail' }), { type: 'retyr' }, null, { type: 'retry' }]
    const unsure = worker(
      () => {
        throw new Error('nothing')
      },
      {
        supervise({ message: { body } }) {
          if (body === 'odd') throw new RangeError('odd')
          return wrong[body as number] as Directive
        },
      },
    )
    const { engine } = await open([unsure])
    for (const which of wrong.keys())
      await expect(engine.ask(WORKER, which)).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(engine.ask(WORKER, 'odd')).rejects.toMatchObject({ message: 'odd' })
  })

  test('supervision gets the failure', async (open) => {
    const failures: Failure[] = []
    const watched = worker(
      () => {
        throw new RangeError('too far')
      },
      {
        supervise(failure) {
          failures.push(failure)
          return failure.attempt < 2 ? { type: 'retry', delay: 1 } : { type: 'fail' }
        },
      },
      'pure',
    )
    const { engine } = await open([watched])
    await expect(engine.ask(WORKER, 'body', { id: 'w' })).rejects.toThrow('too far')
    const problem = { code: 'internal', name: 'RangeError', message: 'too far' }
    expect(failures).toMatchObject([
      { effect: 'work', class: 'pure', problem, attempt: 1, state: [], message: { id: 'w', body: 'body' } },
      { effect: 'work', class: 'pure', problem, attempt: 2, state: [], message: { id: 'w', body: 'body' } },
    ])
  })

  test('the idempotency key of a message and an effect is the same for all attempts', async (open) => {
    const keys: string[] = []
    const two = actor(
      'worker',
      null,
      async (_state, _message, effects) => {
        const work = ({ idempotencyKey, attempt }: EffectCall) => {
          keys.push(idempotencyKey)
          if (attempt === 1) throw new Error('not yet')
        }
        await effects.run('a', work)
        await effects.run('b', work)
        return { reply: true }
      },
      soon,
    )
    const { engine } = await open([two])
    await engine.ask(WORKER, 1)
    await engine.ask(WORKER, 2)
    expect(keys.filter((_, index) => index % 2 === 0)).toEqual(keys.filter((_, index) => index % 2 === 1))
    expect(new Set(keys).size).toBe(4)
  })

  test('the name of an effect is unique in a turn and contains no #', async (open) => {
    const named = actor('worker', null, async (_state, names: string[], effects) => {
      for (const name of names) await effects.run(name, () => 1)
      return { reply: true }
    })
    const { engine } = await open([named])
    await expect(engine.ask(WORKER, ['a', 'a'])).rejects.toMatchObject({ name: 'ReplayError' })
    await expect(engine.ask(WORKER, ['a#2'])).rejects.toMatchObject({ name: 'ReplayError' })
    expect(await engine.ask(WORKER, ['a', 'b'])).toBe(true)
    expect(await engine.ask(WORKER, ['a'])).toBe(true)
  })

  test('effects of a turn run one after another', async (open) => {
    const hold = gate()
    const hasty = actor('worker', null, async (_state, _message, effects) => {
      const first = effects.run('first', ({ signal }) => hold.pass(signal))
      const second = effects.run('second', () => 1).catch(({ name }) => name)
      const reply = await second
      hold.release()
      await first
      return { reply }
    })
    const { engine } = await open([hasty])
    expect(await engine.ask(WORKER, null)).toBe('InvalidError')
  })

  test('parallel effects overlap, are not retried, and report in their order', async (open) => {
    const met = gate()
    const calls: string[] = []
    const wide = actor('worker', null, async (_state, fails: boolean, effects) => {
      const act = (name: string, work: (call: EffectCall) => unknown) => ({
        name,
        act: async (call: EffectCall) => {
          calls.push(name)
          await work(call)
          return `${name} ${call.idempotencyKey.split('/').at(-1)}`
        },
      })
      const waits = act('waits', ({ signal }) => met.pass(signal))
      const comes = act('comes', () => met.release())
      const breaks = act('breaks', () => {
        throw new Error('broken')
      })
      const together = await effects.runAll(fails ? [breaks, waits, comes] : [waits, comes])
      return { reply: [...together, await effects.run('after', () => 'after')] }
    })
    const { engine } = await open([wide])
    expect(await engine.ask(WORKER, false)).toEqual(['waits waits', 'comes comes', 'after'])
    await expect(engine.ask(WORKER, true)).rejects.toMatchObject({ message: 'broken' })
    expect(calls.toSorted()).toEqual(['breaks', 'comes', 'comes', 'waits', 'waits'])
  })

  test('an at-most-once effect does not run in parallel with others', async (open) => {
    const wide = actor('worker', null, async (_state, _message, effects) => ({
      reply: await effects.runAll([{ name: 'once', act: () => 1, effect: 'at-most-once' }]),
    }))
    const { engine } = await open([wide])
    await expect(engine.ask(WORKER, null)).rejects.toMatchObject({ name: 'InvalidError' })
  })

  test('a turn may catch the final error of an effect and continue', async (open) => {
    const careful = actor('worker', '', async (_state, _message, effects) => {
      const main = effects.run('main', () => {
        throw new TerminalError('out of order')
      })
      const state = await main.catch(({ message }) => effects.run('spare', () => `spare, as it is ${message}`))
      return { state, reply: state }
    })
    const { engine } = await open([careful])
    expect(await engine.ask(WORKER, null)).toBe('spare, as it is out of order')
    expect(await engine.deadLetters.list()).toEqual([])
  })

  test('readers that follow the work see what a turn emits, and it is not kept', async (open) => {
    const talker = actor('worker', null, async (_state, message: string[], effects) => {
      for (const word of message) effects.emit(word)
      return { reply: true }
    })
    const { engine } = await open([talker])
    const leave = new AbortController()
    await engine.ask(WORKER, ['before'], { correlationId: 'talk' })
    const heard = takeFirst(engine.view.deltas('talk', leave.signal), 2)
    await engine.ask(WORKER, ['other'], { correlationId: 'other' })
    await engine.ask(WORKER, ['one', 'two'], { correlationId: 'talk' })
    expect(await heard).toEqual(['one', 'two'])
    const none = takeFirst(engine.view.deltas('talk', leave.signal))
    leave.abort()
    expect(await none).toEqual([])
  })

  test('a turn can emit to another topic, and knows whether somebody follows it', async (open) => {
    const talker = actor('worker', null, async (_state, topic: string, effects) => {
      effects.emit('aside', topic)
      return { reply: true }
    })
    const { engine } = await open([talker])
    const leave = new AbortController()
    expect(engine.view.isFollowed('aside')).toBe(false)
    const [own, aside] = [engine.view.deltas('talk', leave.signal), engine.view.deltas('aside', leave.signal)]
    expect(engine.view.isFollowed('aside')).toBe(true)
    await engine.ask(WORKER, 'aside', { correlationId: 'talk' })
    expect(await takeFirst(aside, 1)).toEqual(['aside'])
    leave.abort()
    expect(await takeFirst(own)).toEqual([])
    expect(engine.view.isFollowed('aside')).toBe(false)
  })

  test('a reader that does not read holds up nobody, and learns how much it lost', async (open) => {
    const BACKLOG = 10_000
    const talker = actor('worker', null, async (_state, count: number, effects) => {
      for (const n of range(count)) effects.emit(n)
      return { reply: true }
    })
    const { engine } = await open([talker])
    const leave = new AbortController()
    const absent = engine.view.deltas('talk', leave.signal)
    expect(await engine.ask(WORKER, BACKLOG + 5, { correlationId: 'talk' })).toBe(true)
    expect(await takeFirst(absent, 3)).toEqual([{ type: 'deltas-lost', count: 5 }, 5, 6])
    leave.abort()
  })
}

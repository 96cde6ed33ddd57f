import { expect } from 'vitest'
import { TerminalError } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { Directive } from '../../src/kernel/types.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { until } from '../../src/testing/until.ts'
import { actor, eventualDeadLetters, ref } from './actors.ts'
import type { DefineTest } from './harness.ts'

const FRAGILE = ref('fragile')
const BOSS = ref('boss')
type Message = { readonly add: number } | { readonly fail: Directive['type'] } | 'read'
type State = { readonly total: number }

/** Adds numbers. Fails in an effect, with the directive that the message names. */
const fragile = () =>
  actor<State, Message>(
    'fragile',
    { total: 0 },
    async ({ total }, message, effects) => {
      if (message === 'read') return { reply: total }
      if ('add' in message) {
        const timers = { bell: { delay: 1_500, body: { add: 1_000 } } }
        return { state: { total: total + message.add }, timers, reply: total + message.add }
      }
      await effects.run('work', () => {
        throw new TerminalError(`asked to ${message.fail}`, { code: 'broken' })
      })
      return {}
    },
    {
      supervise: ({ message: { body } }) => ({ type: (body as { fail: 'fail' }).fail }),
      parent: () => BOSS,
    },
  )

/** Records its notices. */
const boss = () =>
  actor('boss', [] as readonly Json[], () => ({ reply: true }), {
    notice: (heard, notice) => ({ state: [...heard, notice] }),
  })

/** A failed effect follows the directive of the actor's supervision. */
export function supervision(test: DefineTest): void {
  test('fail: the message is a dead letter, the caller gets an error, the actor continues', async (open) => {
    const { engine } = await open([fragile(), boss()])
    await engine.ask(FRAGILE, { add: 1 })
    await expect(engine.ask(FRAGILE, { fail: 'fail' })).rejects.toMatchObject({
      code: 'broken',
      message: 'asked to fail',
    })
    expect(await engine.ask(FRAGILE, { add: 1 })).toBe(2)
    expect(await eventualDeadLetters(engine, 1)).toMatchObject([
      { letter: { to: FRAGILE, body: { fail: 'fail' } }, problem: { code: 'broken' } },
    ])
    expect(await engine.view.peek(BOSS)).toBeUndefined()
  })

  test('reset: the actor starts with a new state, without its timers', async (open) => {
    const bench = await open([fragile(), boss()], { clock: simulatedClock() })
    await bench.engine.ask(FRAGILE, { add: 1 })
    await expect(bench.engine.ask(FRAGILE, { fail: 'reset' })).rejects.toMatchObject({ code: 'broken' })
    expect(await bench.engine.ask(FRAGILE, 'read')).toBe(0)
    await bench.crash()
    await bench.pass(1_800)
    expect(await bench.engine.ask(FRAGILE, 'read')).toBe(0)
    await eventualDeadLetters(bench.engine, 1)
  })

  test('stop: the actor stops; the next request starts a new one', async (open) => {
    const bench = await open([fragile(), boss()])
    await bench.engine.ask(FRAGILE, { add: 5 })
    await expect(bench.engine.ask(FRAGILE, { fail: 'stop' })).rejects.toMatchObject({ code: 'broken' })
    expect(await bench.engine.view.peek(FRAGILE)).toBeUndefined()
    await bench.crash()
    expect(await bench.engine.view.peek(FRAGILE)).toBeUndefined()
    expect(await bench.engine.ask(FRAGILE, { add: 1 })).toBe(1)
  })

  test('escalate: the parent is notified, and the failed actor takes no more messages', async (open) => {
    const bench = await open([fragile(), boss()])
    await bench.engine.ask(BOSS, 'be there')
    await bench.engine.ask(FRAGILE, { add: 5 })
    await expect(bench.engine.ask(FRAGILE, { fail: 'escalate' })).rejects.toMatchObject({ code: 'broken' })
    await until(async () => ((await bench.engine.view.peek(BOSS)) as Json[]).length > 0)
    expect(await bench.engine.view.peek(BOSS)).toMatchObject([
      { type: 'error', from: FRAGILE, problem: { code: 'broken' } },
    ])
    await bench.crash()
    await expect(bench.engine.ask(FRAGILE, { add: 1 })).rejects.toMatchObject({ code: 'actor_failed' })
    expect(await bench.engine.view.peek(FRAGILE)).toEqual({ total: 5 })
    expect((await eventualDeadLetters(bench.engine, 2)).map(({ problem }) => problem.code)).toEqual([
      'broken',
      'actor_failed',
    ])
  })

  test('a failed actor that is cancelled leaves no dead letter', async (open) => {
    const { engine } = await open([fragile(), boss()])
    await expect(engine.ask(FRAGILE, { fail: 'escalate' })).rejects.toThrow()
    await engine.cancel(FRAGILE, 'work', 'enough')
    await expect(engine.ask(FRAGILE, { add: 1 })).rejects.toMatchObject({ code: 'actor_failed' })
    expect((await eventualDeadLetters(engine, 2)).map(({ letter }) => letter.type)).toEqual(['request', 'request'])
  })

  test('a failed actor that is resumed continues with its state', async (open) => {
    const bench = await open([fragile(), boss()])
    await bench.engine.ask(FRAGILE, { add: 5 })
    await expect(bench.engine.ask(FRAGILE, { fail: 'escalate' })).rejects.toMatchObject({ code: 'broken' })
    const [failed] = await bench.engine.view.inspect({ ...FRAGILE })
    expect(failed?.cell).toMatchObject({ status: 'failed', problem: { code: 'broken' } })
    await bench.engine.tell(FRAGILE, null, { type: 'resume' })
    await bench.crash()
    expect(await bench.engine.ask(FRAGILE, { add: 1 })).toBe(6)
    const [live] = await bench.engine.view.inspect({ ...FRAGILE })
    expect(live?.cell).toMatchObject({ status: 'live' })
    expect(live?.cell).not.toHaveProperty('problem')
  })

  test('a retried dead letter resumes its actor', async (open) => {
    const { engine } = await open([fragile(), boss()])
    await engine.ask(FRAGILE, { add: 5 })
    await expect(engine.ask(FRAGILE, { fail: 'escalate' })).rejects.toMatchObject({ code: 'broken' })
    await expect(engine.ask(FRAGILE, { add: 1 })).rejects.toMatchObject({
      code: 'actor_failed',
      message: expect.stringContaining('asked to escalate'),
    })
    const refused = (await eventualDeadLetters(engine, 2)).find(({ problem }) => problem.code === 'actor_failed')
    await engine.deadLetters.retry(refused!.id)
    expect(await engine.ask(FRAGILE, 'read')).toBe(6)
  })

  test('resuming an actor that has not failed changes nothing', async (open) => {
    const { engine } = await open([fragile(), boss()])
    await engine.ask(FRAGILE, { add: 5 })
    for (const actor of [FRAGILE, ref('fragile', 'nobody')]) await engine.tell(actor, null, { type: 'resume' })
    expect(await engine.ask(FRAGILE, 'read')).toBe(5)
    expect(await engine.view.peek(ref('fragile', 'nobody'))).toBeUndefined()
  })

  test('a turn may declare its actor failed, and the rest of its decision holds', async (open) => {
    const problem = { code: 'broken', name: 'TerminalError', message: 'no more', terminal: true }
    const tired = actor(
      'tired',
      0,
      (count, message) =>
        message === 'fail' ? { state: count + 1, escalate: problem, reply: 'failed' } : { reply: count },
      { parent: () => BOSS },
    )
    const { engine } = await open([tired, boss()])
    await engine.ask(BOSS, 'be there')
    expect(await engine.ask(ref('tired'), 'fail')).toBe('failed')
    await until(async () => ((await engine.view.peek(BOSS)) as Json[]).length > 0)
    expect(await engine.view.peek(BOSS)).toEqual([{ type: 'error', from: ref('tired'), problem }])
    await expect(engine.ask(ref('tired'), 'read')).rejects.toMatchObject({ code: 'actor_failed' })
    await engine.tell(ref('tired'), null, { type: 'resume' })
    expect(await engine.ask(ref('tired'), 'read')).toBe(1)
  })

  test('an actor that fails on an answer gets one error about it, from the sender of the answer', async (open) => {
    const HELPER = ref('helper')
    const helper = actor('helper', 0, (_state, message: string) => ({ reply: message }))
    const asking = actor(
      'asking',
      [] as readonly Json[],
      (heard, message: string, { self, message: { type } }) => {
        if (type === 'response') throw new TypeError(`cannot take ${message}`)
        return { send: [{ to: HELPER, body: message, replyTo: self }], reply: heard }
      },
      {
        notice(heard, notice) {
          if (heard.length > 0) throw new Error('cannot take the error either')
          return { state: [...heard, notice] }
        },
      },
    )
    const { engine } = await open([asking, helper])
    await engine.tell(ref('asking'), 'an answer')
    const problem = { name: 'TypeError', message: 'cannot take an answer' }
    await until(async () => ((await engine.view.peek(ref('asking'))) as Json[] | undefined)?.length === 1)
    expect(await engine.view.peek(ref('asking'))).toMatchObject([{ type: 'error', from: HELPER, problem }])
    await engine.tell(ref('asking'), 'another')
    expect((await eventualDeadLetters(engine, 3)).map(({ letter }) => letter.type).toSorted()).toEqual([
      'error',
      'response',
      'response',
    ])
  })

  test('an error of the turn itself is not retried', async (open) => {
    let turns = 0
    const buggy = actor('fragile', 0, () => {
      turns++
      throw new TypeError('a bug')
    })
    const { engine } = await open([buggy])
    await expect(engine.ask(FRAGILE, null)).rejects.toMatchObject({ name: 'TypeError', message: 'a bug' })
    expect(turns).toBe(1)
    expect(await eventualDeadLetters(engine, 1)).toMatchObject([{ problem: { name: 'TypeError' } }])
  })

  test('an actor that cannot start, or whose failure handling fails, does not hold up the engine', async (open) => {
    const stillborn = actor('stillborn', 0, () => ({ reply: true }), {
      initial(key) {
        if (key === 'bad') throw new Error('no such key')
        return 0
      },
    })
    const orphan = actor(
      'orphan',
      0,
      async (_state, _message, effects) => {
        await effects.run('work', () => {
          throw new TerminalError('out of order')
        })
        return {}
      },
      {
        supervise: () => ({ type: 'escalate' }),
        parent() {
          throw new Error('no parent')
        },
      },
    )
    const { engine } = await open([stillborn, orphan])
    await expect(engine.ask(ref('stillborn', 'bad'), null)).rejects.toMatchObject({ message: 'no such key' })
    await expect(engine.ask(ref('orphan'), null)).rejects.toMatchObject({ message: 'out of order' })
    expect(await engine.ask(ref('stillborn', 'good'), null)).toBe(true)
    await eventualDeadLetters(engine, 2)
  })
}

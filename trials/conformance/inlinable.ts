import { expect } from 'vitest'
import { RetryableError, TerminalError } from '../../src/errors.ts'
import { deriveId } from '../../src/kernel/commit.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { Actor, ActorRef, EffectCall, EffectClass, Envelope, Turn } from '../../src/kernel/types.ts'
import { type Gate, gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { actor, eventualDeadLetters, eventually, READ, RECORDER, recorderActor, ref, takeFirst } from './actors.ts'
import type { DefineTest } from './harness.ts'

type Boss = { readonly asker?: ActorRef; readonly heard: readonly Json[] }

const BOSS = ref('boss')
const HELPER = ref('helper', '1.help')

/**
 * On `help`, asks its helper to do the work and then answers its
 * caller. Any other message is answered with the results so far.
 */
function boss(taken: Envelope[] = []): Actor<Boss, Json> {
  const end = ({ asker, heard }: Boss, answer: Json): Turn<Boss> => ({
    state: { heard: [...heard, answer] },
    events: ['answered'],
    index: { status: 'over' },
    send: asker ? [{ to: asker, body: answer, type: 'response' }] : [],
  })
  return actor<Boss, Json>(
    'boss',
    { heard: [] },
    (state, message, { self, message: envelope }) => {
      taken.push(envelope)
      if (envelope.type === 'response') return end(state, message)
      if (message !== 'help') return { reply: state.heard }
      return {
        state: { ...state, ...(envelope.replyTo && { asker: envelope.replyTo }) },
        send: [{ to: HELPER, body: 'work', replyTo: self }],
        events: ['asked'],
        index: { status: 'running' },
      }
    },
    {
      notice: (state, notice, { message }) => {
        taken.push(message)
        if (notice.type === 'error') return end(state, notice.problem.code)
        return notice.type === 'cancelled' ? { ...end(state, 'cancelled'), cancel: [{ of: HELPER }] } : {}
      },
    },
  )
}

type Work = (call: EffectCall) => Promise<Json | void> | Json | void

/** Does its work in one effect, informs the recorder, answers and stops. */
function helper(work: Work, more: Partial<Actor<null, Json>> = {}, effect: EffectClass = 'idempotent') {
  return actor<null, Json>(
    'helper',
    null,
    async (_state, _message, effects) => {
      const value = (await effects.run<Json | void>('work', work, { effect })) ?? null
      return { send: [{ to: RECORDER, body: value, type: 'event' }], reply: value, stop: true }
    },
    { inlinable: () => true, ...more },
  )
}

const held = (hold: Gate, calls: EffectCall[] = []): Work => {
  return async (call) => {
    calls.push(call)
    await hold.pass(call.signal)
    return 'done'
  }
}

/** Requests to an inlinable kind have the same results as other requests. */
export function inlinable(test: DefineTest): void {
  test('a brief request has the same answer and the same messages as any other', async (open) => {
    const taken: Envelope[] = []
    const { engine } = await open([boss(taken), helper(() => 'done'), recorderActor()])
    for (const id of ['a', 'b']) expect(await engine.ask(BOSS, 'help', { id })).toBe('done')
    expect(await engine.ask(BOSS, 'help', { id: 'a' })).toBe('done')
    const request = deriveId('a', 0)
    expect(taken[1]).toMatchObject({ type: 'response', from: HELPER, correlationId: 'a', cause: request })
    // after its message to the recorder
    expect(taken[1]!.id).toBe(deriveId(request, 1))
    expect(taken.map(({ type, correlationId }) => `${type} ${correlationId}`)).toEqual([
      'request a',
      'response a',
      'request b',
      'response b',
    ])
    const events = await takeFirst(engine.view.events(BOSS), 4)
    expect(events.map(({ n, body }) => [n, body])).toEqual([[1, 'asked'], [2, 'answered'], [3, 'asked'], [4, 'answered']]) // biome-ignore format: a table
    await eventually(() => engine.view.list('boss')).toEqual([{ key: '1', index: { status: 'over' } }])
    expect(await engine.view.inspect(HELPER)).toEqual([])
    await eventually(() => engine.ask(RECORDER, READ)).toEqual(['done', 'done'])
  })

  test('the commit of a turn is visible while its brief request takes longer than announced', async (open) => {
    const hold = gate()
    const { engine } = await open([boss(), helper(held(hold)), recorderActor()])
    const asked = engine.ask(BOSS, 'help')
    await hold.started
    expect(await takeFirst(engine.view.events(BOSS), 1)).toMatchObject([{ n: 1, body: 'asked' }])
    expect(await engine.view.peek(BOSS)).toMatchObject({ heard: [], asker: {} })
    await eventually(() => engine.view.list('boss')).toEqual([{ key: '1', index: { status: 'running' } }])
    hold.release()
    expect(await asked).toBe('done')
    await eventually(() => engine.view.list('boss')).toEqual([{ key: '1', index: { status: 'over' } }])
  })

  test('while a brief request is retried, its caller takes other mail and inspection shows its helper', async (open) => {
    const hold = gate()
    const attempts: number[] = []
    const work: Work = async ({ attempt, signal }) => {
      attempts.push(attempt)
      if (attempt === 1) throw new RetryableError('not yet')
      await hold.pass(signal)
      return 'done'
    }
    const { engine } = await open([boss(), helper(work), recorderActor()])
    const asked = engine.ask(BOSS, 'help')
    await hold.started
    expect(await engine.ask(BOSS, 'and?')).toEqual([])
    const [found] = await engine.view.inspect(HELPER)
    expect(found!.turn!.effect).toMatchObject({ name: 'work', attempt: 2, problem: { message: 'not yet' } })
    hold.release()
    expect(await asked).toBe('done')
    expect(attempts).toEqual([1, 2])
    await eventually(() => engine.ask(RECORDER, READ)).toEqual(['done'])
  })

  test('a brief request that fails for good is a dead letter, and its caller gets the error', async (open) => {
    const work: Work = () => {
      throw new TerminalError('never', { code: 'never' })
    }
    const { engine } = await open([boss(), helper(work), recorderActor()])
    expect(await engine.ask(BOSS, 'help', { id: 'a' })).toBe('never')
    const [letter] = await eventualDeadLetters(engine, 1)
    expect(letter).toMatchObject({ letter: { to: HELPER, from: BOSS, body: 'work' }, problem: { code: 'never' } })
  })

  test('a cancellation of the work ends its brief request', async (open) => {
    const hold = gate()
    const calls: EffectCall[] = []
    const { engine } = await open([boss(), helper(held(hold, calls)), recorderActor()])
    const asked = engine.ask(BOSS, 'help', { id: 'a' })
    await hold.started
    await engine.cancel(BOSS, 'a', 'enough')
    expect(await asked).toBe('cancelled')
    await until(() => calls[0]!.signal.aborted)
    expect(calls).toHaveLength(1)
    hold.release()
    expect(await engine.ask(BOSS, 'and?')).toEqual(['cancelled'])
    expect(await engine.ask(BOSS, 'help', { id: 'b' })).toBe('done')
    expect(await engine.ask(BOSS, 'and?')).toEqual(['cancelled', 'done'])
    await eventually(() => engine.ask(RECORDER, READ)).toEqual(['done'])
    expect(await engine.deadLetters.list()).toEqual([])
  })

  test('a brief request continues when its caller is stopped', async (open) => {
    const hold = gate()
    const { engine } = await open([boss(), helper(held(hold)), recorderActor()])
    await engine.tell(BOSS, 'help')
    await hold.started
    await engine.tell(BOSS, null, { type: 'stop' })
    hold.release()
    await eventually(() => engine.ask(RECORDER, READ)).toEqual(['done'])
    expect(await engine.view.inspect(BOSS)).toEqual([])
    expect(await engine.deadLetters.list()).toEqual([])
  })

  test('a brief actor that does not stop keeps the outcomes of its effects', async (open) => {
    const calls: EffectCall[] = []
    const stays = actor(
      'helper',
      null as Json,
      async (state, message, effects) => {
        if (state !== null) return { reply: state }
        const value = await effects.run('work', (call) => {
          calls.push(call)
          return message
        })
        return { state: value, reply: value }
      },
      { inlinable: () => true },
    )
    const { engine } = await open([boss(), stays])
    expect(await engine.ask(BOSS, 'help')).toBe('work')
    expect(await engine.ask(HELPER, null)).toBe('work')
    expect(calls).toHaveLength(1)
  })

  test('a crash during a brief request repeats only the effects that had not ended, and each message arrives once', async (open) => {
    const hold = gate()
    const ran: string[] = []
    const twice = actor<null, Json>(
      'helper',
      null,
      async (_state, _message, effects) => {
        await effects.run('first', () => void ran.push('first'))
        await effects.run('second', async ({ signal }) => {
          ran.push('second')
          await hold.pass(signal)
        })
        return { send: [{ to: RECORDER, body: 'done', type: 'event' }], reply: 'done', stop: true }
      },
      { inlinable: () => true },
    )
    const bench = await open([boss(), twice, recorderActor()])
    bench.engine.ask(BOSS, 'help', { id: 'a' }).catch(() => {})
    await hold.started
    await bench.crash()
    hold.release()
    expect(await bench.engine.ask(BOSS, 'help', { id: 'a' })).toBe('done')
    expect(ran).toEqual(['first', 'second', 'second'])
    await eventually(() => bench.engine.ask(RECORDER, READ)).toEqual(['done'])
    expect(await takeFirst(bench.engine.view.events(BOSS), 2)).toMatchObject([{ body: 'asked' }, { body: 'answered' }])
    expect(await bench.engine.ask(BOSS, 'and?')).toEqual(['done'])
  })

  test('a crash never repeats an at-most-once effect of a brief request', async (open) => {
    const hold = gate()
    const calls: EffectCall[] = []
    const bench = await open([boss(), helper(held(hold, calls), {}, 'at-most-once'), recorderActor()])
    bench.engine.ask(BOSS, 'help', { id: 'a' }).catch(() => {})
    await hold.started
    await bench.crash()
    hold.release()
    expect(await bench.engine.ask(BOSS, 'help', { id: 'a' })).toBe('unknown')
    expect(calls).toHaveLength(1)
    await until(async () => (await bench.engine.deadLetters.list()).length === 1)
  })

  test('requests are answered when `inlinable` changes its verdict or throws', async (open) => {
    const said = [true, false, 'error', true]
    const isBrief = () => {
      const next = said.shift()
      if (next === 'error') throw new Error('nobody knows')
      return next === true
    }
    const { engine } = await open([boss(), helper(() => 'done', { inlinable: isBrief }), recorderActor()])
    for (const id of ['a', 'b', 'c', 'd']) expect(await engine.ask(BOSS, 'help', { id })).toBe('done')
    expect(await engine.ask(BOSS, 'and?')).toEqual(['done', 'done', 'done', 'done'])
  })
}

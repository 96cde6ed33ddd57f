import { expect } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { Actor } from '../../src/kernel/types.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { actor, eventualDeadLetters, ignoreOutcome, ref, untilQueued } from './actors.ts'
import { WALKER, walkerActor } from './cancelled-messages.ts'
import type { DefineTest } from './harness.ts'

const BOSS = ref('boss')
const WORKER = ref('worker')
type Work = readonly string[]

/** Stops or watches the worker on request, and records how it went down. */
const boss = () =>
  actor<Work, string>(
    'boss',
    [],
    (_downs, message) => {
      if (message === 'watch') return { watch: [WORKER], reply: true }
      return { send: [{ to: WORKER, body: { reason: message }, type: 'stop' }], reply: true }
    },
    { notice: (downs, notice) => (notice.type === 'down' ? { state: [...downs, notice.reason] } : {}) },
  )

/** Records its work. `long` stays in an effect until the gate opens. */
const worker = (hold = gate(), more: Partial<Actor<Work, string>> = {}) =>
  actor<Work, string>(
    'worker',
    [],
    async (done, name, effects) => {
      if (name === 'long') await effects.run('work', ({ signal }) => hold.pass(signal))
      return { state: [...done, name], parts: { last: name }, events: [name], reply: [...done, name] }
    },
    more,
  )

const downs = (engine: Engine, count: number) =>
  until(async () => {
    const seen = (await engine.view.peek(BOSS)) as string[] | undefined
    return seen && seen.length >= count && seen
  })

/** An actor ends when it is stopped, whatever it is doing. The actor that stopped it gets one notice. */
export function stopping(test: DefineTest): void {
  test('a stopped actor loses everything; its next message starts a new actor', async (open) => {
    const bench = await open([boss(), worker()])
    await bench.engine.ask(WORKER, 'a')
    await bench.engine.tell(WORKER, null, { type: 'stop' })
    expect(await bench.engine.ask(WORKER, 'b')).toEqual(['b'])
    await bench.crash()
    const parts: Json[] = []
    for await (const [, part] of bench.engine.view.parts(WORKER)) parts.push(part)
    expect(parts).toEqual(['b'])
    expect(await bench.engine.view.peek(WORKER)).toEqual(['b'])
  })

  test('an actor that ends with a message to itself begins anew with that, also after a crash', async (open) => {
    const ending = actor<Work, string>('worker', [], (done, name, { self }) => {
      if (name === 'end') return { send: [{ to: self, body: 'anew' }], reply: true, stop: true }
      return { state: [...done, name], reply: [...done, name] }
    })
    const bench = await open([ending])
    await bench.engine.ask(WORKER, 'a')
    expect(await bench.engine.ask(WORKER, 'end')).toBe(true)
    await bench.crash()
    await until(async () => (await bench.engine.view.peek(WORKER)) !== undefined)
    expect(await bench.engine.ask(WORKER, 'b')).toEqual(['anew', 'b'])
  })

  test('the actor that stops another gets one notice, whether it watches or not', async (open) => {
    const { engine } = await open([boss(), worker()])
    await engine.ask(WORKER, 'a')
    await engine.ask(BOSS, 'stop')
    expect(await downs(engine, 1)).toEqual(['stopped'])
    await engine.ask(WORKER, 'b')
    await engine.ask(BOSS, 'watch')
    await engine.ask(BOSS, 'stop')
    await downs(engine, 2)
    // the actor no longer exists, so there is no notice
    await engine.ask(BOSS, 'stop')
    await engine.ask(BOSS, 'watch')
    expect(await downs(engine, 3)).toEqual(['stopped', 'stopped', 'gone'])
  })

  test('a running effect is interrupted; waiting mail becomes dead letters, and its callers get errors', async (open) => {
    const hold = gate()
    const bench = await open([boss(), worker(hold)])
    const { engine } = bench
    await engine.ask(WORKER, 'a')
    const long = engine.ask(WORKER, 'long')
    await hold.started
    const asked = [long, engine.ask(WORKER, 'b')]
    for (const asking of asked) ignoreOutcome(asking)
    await untilQueued(bench, WORKER, 1)
    await engine.ask(BOSS, 'stop')
    for (const asking of asked) await expect(asking).rejects.toMatchObject({ code: 'actor_stopped' })
    expect(await downs(engine, 1)).toEqual(['stopped'])
    expect((await eventualDeadLetters(engine, 2)).map(({ letter }) => letter.body)).toEqual(['long', 'b'])
    hold.release()
    const [first] = await engine.deadLetters.list()
    await engine.deadLetters.retry(first!.id)
    expect(await engine.ask(WORKER, 'c')).toEqual(['long', 'c'])
  })

  test('a durable stop still holds after a crash', async (open) => {
    const hold = gate()
    const bench = await open([boss(), worker(hold)])
    await bench.engine.ask(WORKER, 'a')
    ignoreOutcome(bench.engine.ask(WORKER, 'long', { id: 'x' }))
    await hold.started
    await bench.engine.tell(WORKER, null, { type: 'stop' })
    await bench.crash()
    await expect(bench.engine.ask(WORKER, 'long', { id: 'x' })).rejects.toMatchObject({ code: 'actor_stopped' })
    expect(hold.arrivals).toBe(1)
    await until(async () => (await bench.engine.view.peek(WORKER)) === undefined)
  })

  test('an actor that handles notices cleans up first', async (open) => {
    const cleaned: string[] = []
    const tidy = worker(gate(), {
      notice: async (_done, notice, effects) => {
        if (notice.type === 'stop') await effects.run('clean up', () => void cleaned.push(notice.reason))
        return {}
      },
    })
    const { engine } = await open([boss(), tidy])
    await engine.ask(WORKER, 'a')
    await engine.ask(BOSS, 'enough')
    expect(await downs(engine, 1)).toEqual(['stopped'])
    expect(cleaned).toEqual(['enough'])
    expect(await engine.view.peek(WORKER)).toBeUndefined()
  })

  test('an actor whose cleanup fails stops anyway, and its error is kept', async (open) => {
    const untidy = worker(gate(), {
      notice() {
        throw new TypeError('no broom')
      },
    })
    const { engine } = await open([boss(), untidy])
    await engine.ask(WORKER, 'a')
    await engine.ask(BOSS, 'enough')
    expect(await downs(engine, 1)).toEqual(['stopped'])
    expect(await eventualDeadLetters(engine, 1)).toMatchObject([
      { letter: { type: 'stop' }, problem: { message: 'no broom' } },
    ])
  })

  test('an actor that delays its stop ends when it is ready, and the caller is notified then', async (open) => {
    const slow = worker(gate(), {
      receive: (done, name) =>
        name === 'ready' ? { stop: true, reply: done } : { state: [...done, name], reply: [...done, name] },
      notice: (done, notice) => (notice.type === 'stop' ? { state: [...done, 'closing'], stop: false } : {}),
    })
    const bench = await open([boss(), slow])
    await bench.engine.ask(WORKER, 'a')
    await bench.engine.ask(BOSS, 'enough')
    await until(async () => ((await bench.engine.view.peek(WORKER)) as Work).includes('closing'))
    await bench.crash()
    expect(await bench.engine.view.peek(BOSS)).toEqual([])
    expect(await bench.engine.ask(WORKER, 'ready')).toEqual(['a', 'closing'])
    expect(await downs(bench.engine, 1)).toEqual(['stopped'])
  })

  test('a failed actor that is stopped starts with a new state', async (open) => {
    const problem = { code: 'broken', name: 'TerminalError', message: 'broken', terminal: true }
    const frail = worker(gate(), {
      receive: (done, name) =>
        name === 'fail' ? { escalate: problem, reply: [] } : { state: [...done, name], reply: [...done, name] },
    })
    const { engine } = await open([boss(), frail])
    for (const name of ['a', 'fail']) await engine.ask(WORKER, name)
    await expect(engine.ask(WORKER, 'b')).rejects.toMatchObject({ code: 'actor_failed' })
    await engine.ask(BOSS, 'stop')
    expect(await downs(engine, 1)).toEqual(['stopped'])
    expect(await engine.ask(WORKER, 'c')).toEqual(['c'])
  })

  test('delayed mail starts a new actor with the same key', async (open) => {
    const hold = gate()
    const { engine } = await open([boss(), worker(hold)])
    await engine.ask(WORKER, 'a')
    await engine.tell(WORKER, 'later', { delay: 300 })
    await engine.tell(WORKER, null, { type: 'stop' })
    await until(async () => ((await engine.view.peek(WORKER)) as Work | undefined)?.includes('later'))
    expect(await engine.view.peek(WORKER)).toEqual(['later'])
  })

  test('an actor that sends itself messages stays stopped', async (open) => {
    const { engine } = await open([walkerActor()])
    await engine.tell(WALKER, 'walk')
    await until(async () => ((await engine.view.peek(WALKER)) as number) > 1)
    await engine.tell(WALKER, null, { type: 'stop' })
    await until(async () => (await engine.view.inspect(WALKER)).length === 0)
    await until(async () => (await engine.deadLetters.list()).length === 1)
  })
}

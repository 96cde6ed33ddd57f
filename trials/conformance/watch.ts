import { expect } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { TerminalError } from '../../src/errors.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { actor, ignoreOutcome, ref } from './actors.ts'
import type { DefineTest } from './harness.ts'

const WATCHER = ref('watcher')
const WATCHED = ref('watched')

/** Watches actors on request, and records which ones went down and why. */
const watcher = () =>
  actor('watcher', [] as readonly string[], (_state, key: string) => ({ watch: [ref('watched', key)], reply: true }), {
    notice: (downs, notice) =>
      notice.type === 'down' ? { state: [...downs, `${notice.of.key} ${notice.reason}`] } : {},
  })

/** Stops, fails or answers on request. */
const watched = () =>
  actor(
    'watched',
    0,
    async (_state, message: 'stop' | 'fail' | 'hello', effects) => {
      if (message === 'stop') return { stop: true, reply: true }
      if (message === 'hello') return { reply: true }
      await effects.run('work', () => {
        throw new TerminalError('broken')
      })
      return {}
    },
    { supervise: () => ({ type: 'escalate' }) },
  )

const BROKEN = { code: 'broken', name: 'TerminalError', message: 'broken', terminal: true }

const downs = async (engine: Engine, count: number) =>
  until(async () => {
    const seen = (await engine.view.peek(WATCHER)) as string[] | undefined
    return seen && seen.length >= count && seen
  })

/** A watcher gets a notice when the watched actor ends. */
export function watch(test: DefineTest): void {
  test('a watcher is notified when the watched actor stops, even after a crash', async (open) => {
    const bench = await open([watcher(), watched()])
    await bench.engine.ask(WATCHED, 'hello')
    await bench.engine.ask(WATCHER, '1')
    await bench.engine.ask(WATCHED, 'hello')
    await bench.crash()
    await bench.engine.ask(WATCHED, 'hello')
    await bench.engine.ask(WATCHED, 'stop')
    expect(await downs(bench.engine, 1)).toEqual(['1 stopped'])
  })

  test('a watcher is notified when the watched actor fails', async (open) => {
    const { engine } = await open([watcher(), watched()])
    await engine.ask(WATCHED, 'hello')
    await engine.ask(WATCHER, '1')
    await engine.ask(WATCHED, 'hello')
    await expect(engine.ask(WATCHED, 'fail')).rejects.toThrow('broken')
    expect(await downs(engine, 1)).toEqual(['1 failed'])
    await engine.ask(WATCHER, '1')
    expect(await downs(engine, 2)).toEqual(['1 failed', '1 failed'])
  })

  test('a watch on an actor that does not exist reports it as gone and does not start it', async (open) => {
    const { engine } = await open([watcher(), watched()])
    await engine.ask(WATCHER, 'nobody')
    expect(await downs(engine, 1)).toEqual(['nobody gone'])
    expect(await engine.view.peek(ref('watched', 'nobody'))).toBeUndefined()
  })

  test('an actor that watches twice is notified once', async (open) => {
    const { engine } = await open([watcher(), watched()])
    for (const key of ['1', '2']) await engine.ask(ref('watched', key), 'hello')
    for (const key of ['1', '1', '2']) await engine.ask(WATCHER, key)
    for (const key of ['1', '2']) await engine.ask(ref('watched', key), 'hello')
    for (const key of ['1', '2']) await engine.ask(ref('watched', key), 'stop')
    await until(async () => (await downs(engine, 2)).includes('2 stopped'))
    expect([...(await downs(engine, 2))].sort()).toEqual(['1 stopped', '2 stopped'])
  })

  test('a watch ends with its notice; a new actor with the same key needs a new watch', async (open) => {
    const { engine } = await open([watcher(), watched()])
    await engine.ask(WATCHED, 'hello')
    await engine.ask(WATCHER, '1')
    await engine.ask(WATCHED, 'hello')
    await expect(engine.ask(WATCHED, 'fail')).rejects.toThrow('broken')
    await downs(engine, 1)
    await engine.tell(WATCHED, null, { type: 'resume' })
    await engine.ask(WATCHED, 'stop')
    await engine.ask(WATCHER, '2')
    expect(await downs(engine, 2)).toEqual(['1 failed', '2 gone'])
  })

  for (const [how, reason] of Object.entries({ stop: 'stopped', fail: 'failed' })) {
    test(`a crash in the turn in which the watched actor is to ${how} leads to exactly one notice`, async (open) => {
      const hold = gate()
      const slow = actor('watched', 0, async (_state, message: 'stop' | 'fail' | 'hello', effects) => {
        if (message === 'hello') return { reply: true }
        await effects.run('hold', ({ signal }) => hold.pass(signal))
        if (message === 'stop') return { stop: true, reply: true }
        return { escalate: BROKEN, reply: true }
      })
      const bench = await open([watcher(), slow])
      await bench.engine.ask(WATCHED, 'hello')
      await bench.engine.ask(WATCHER, '1')
      await bench.engine.ask(WATCHED, 'hello')
      ignoreOutcome(bench.engine.ask(WATCHED, how, { id: 'end' }))
      await hold.started
      await bench.crash()
      expect(await bench.engine.view.peek(WATCHER)).toEqual([])
      hold.release()
      expect(await bench.engine.ask(WATCHED, how, { id: 'end' })).toBe(true)
      expect(await downs(bench.engine, 1)).toEqual([`1 ${reason}`])
      await bench.crash()
      await bench.engine.ask(WATCHER, 'nobody')
      expect(await downs(bench.engine, 2)).toEqual([`1 ${reason}`, 'nobody gone'])
    })
  }

  test('an actor of an unknown kind is reported as gone', async (open) => {
    const lost = actor('watcher', '', () => ({ watch: [ref('nobody')], reply: true }), {
      notice: (_state, notice) => ({ state: notice.type === 'down' ? notice.reason : '' }),
    })
    const { engine } = await open([lost])
    await engine.ask(WATCHER, null)
    await until(async () => (await engine.view.peek(WATCHER)) === 'gone')
  })
}

import { expect } from 'vitest'
import type { NumberedEvent } from '../../src/engine/engine.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { actor, range, ref, takeFirst } from './actors.ts'
import type { DefineTest, EngineBench } from './harness.ts'

const TELLER = ref('teller')

/** Publishes `count` events that continue the numbering. Stops on request. */
const teller = () =>
  actor('teller', 0, (published, message: number | 'stop' | 'throw') => {
    if (message === 'stop') return { stop: true, reply: true }
    const count = message === 'throw' ? 1 : message
    const turn = {
      state: published + count,
      events: range(count, published).map((n) => ({ n })),
      reply: published + count,
    }
    return message === 'throw' ? { ...turn, send: range(1_000).map(() => ({ to: TELLER, body: 1 })) } : turn
  })

const numbered = (from: number, to: number) => range(to - from + 1, from).map((n) => ({ n, body: { n: n - 1 } }))

/** Collects events in a list that the caller may read meanwhile. */
function followed({ engine }: EngineBench, after = 0, leave = new AbortController()) {
  const seen: NumberedEvent[] = []
  const ended = (async () => {
    for await (const event of engine.view.events(TELLER, { after, signal: leave.signal })) seen.push(event)
  })()
  return { seen, ended, leave }
}

/** Events are durable facts, numbered without gaps. */
export function events(test: DefineTest): void {
  test('events are numbered without gaps, across turns', async (open) => {
    const { engine } = await open([teller()])
    for (const count of [1, 3, 0, 2]) await engine.ask(TELLER, count)
    expect(await takeFirst(engine.view.events(TELLER), 6)).toMatchObject(numbered(1, 6))
  })

  test('a reader resumes after a given event number, then follows live', async (open) => {
    const bench = await open([teller()])
    await bench.engine.ask(TELLER, 5)
    const { seen, ended, leave } = followed(bench, 3)
    await until(() => seen.length === 2)
    await bench.engine.ask(TELLER, 2)
    await until(() => seen.length >= 4)
    expect(seen).toMatchObject(numbered(4, 7))
    leave.abort()
    await ended
  })

  test('with `live: false`, a reader ends after the last stored event', async (open) => {
    const { engine } = await open([teller()])
    const past = (after: number) => engine.view.events(TELLER, { after, live: false })
    expect(await takeFirst(past(0), 9)).toEqual([])
    await engine.ask(TELLER, 300)
    expect(await takeFirst(past(0), 999)).toMatchObject(numbered(1, 300))
    expect(await takeFirst(past(298), 9)).toMatchObject(numbered(299, 300))
    expect([await takeFirst(past(300), 9), await takeFirst(past(999), 9)]).toEqual([[], []])
  })

  test('an actor can be followed before it exists', async (open) => {
    const bench = await open([teller()])
    const { seen, leave, ended } = followed(bench)
    await bench.engine.ask(TELLER, 2)
    await until(() => seen.length === 2)
    leave.abort()
    await ended
    expect(seen).toMatchObject(numbered(1, 2))
  })

  test('an event carries the correlationId of the message it came from', async (open) => {
    const { engine } = await open([teller()])
    await engine.ask(TELLER, 1, { correlationId: 'run_1' })
    await engine.ask(TELLER, 1, { id: 'ask_2' })
    expect((await takeFirst(engine.view.events(TELLER), 2)).map((event) => event.correlationId)).toEqual([
      'run_1',
      'ask_2',
    ])
  })

  test('many readers see each event once and in order while they are published', async (open) => {
    const bench = await open([teller()])
    const readers = range(3).map(() => takeFirst(bench.engine.view.events(TELLER), 100))
    for (const _ of range(20)) await bench.engine.tell(TELLER, 5)
    for (const seen of await Promise.all(readers)) expect(seen).toMatchObject(numbered(1, 100))
  })

  test('a reader that continues after a crash misses nothing and sees nothing twice', async (open) => {
    const bench = await open([teller()])
    const seen: NumberedEvent[] = []
    for (const round of range(4)) {
      for (const n of range(5)) await bench.engine.tell(TELLER, 3, { id: `${round}.${n}` })
      seen.push(...(await takeFirst(bench.engine.view.events(TELLER, { after: seen.length }), 4)))
      await bench.crash()
    }
    seen.push(...(await takeFirst(bench.engine.view.events(TELLER, { after: seen.length }), 60 - seen.length)))
    expect(seen).toMatchObject(numbered(1, 60))
  })

  test('a rejected turn publishes no events', async (open) => {
    const { engine } = await open([teller()])
    await engine.ask(TELLER, 1)
    await expect(engine.ask(TELLER, 'throw')).rejects.toThrow()
    await engine.ask(TELLER, 1)
    expect(await takeFirst(engine.view.events(TELLER), 2)).toMatchObject(numbered(1, 2))
  })

  test('events of a turn that has not ended are not seen', async (open) => {
    const hold = gate()
    const slow = actor('teller', 0, async (_told, _message, effects) => {
      await effects.run('hold', ({ signal }) => hold.pass(signal))
      return { events: [{ n: 0 }], reply: true }
    })
    const bench = await open([slow])
    const { seen, leave, ended } = followed(bench)
    const asked = bench.engine.ask(TELLER, 1)
    await hold.started
    expect(seen).toEqual([])
    hold.release()
    await asked
    await until(() => seen.length === 1)
    leave.abort()
    await ended
  })

  test('following ends when the actor stops; a new actor with the same key numbers from one', async (open) => {
    const bench = await open([teller()])
    await bench.engine.ask(TELLER, 2)
    const { seen, ended } = followed(bench)
    await until(() => seen.length === 2)
    await bench.engine.ask(TELLER, 'stop')
    await ended
    for (const _ of range(3)) await bench.engine.ask(TELLER, 1, { correlationId: 'next life' })
    await bench.crash()
    const next = numbered(1, 3).map((event) => ({ ...event, correlationId: 'next life' }))
    expect(await takeFirst(bench.engine.view.events(TELLER), 3)).toEqual(next)
  })
}

import { expect } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import type { Timer, Turn } from '../../src/kernel/types.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { until } from '../../src/testing/until.ts'
import { actor, eventualDeadLetters, READ, RECORDER, recorderActor, ref } from './actors.ts'
import type { DefineTest, EngineBench, OpenTestBench } from './harness.ts'

const ALARM = ref('alarm')
type Message =
  | { readonly set: { readonly [name: string]: Timer | null } }
  | { readonly rang: Json; readonly again?: number }
  | { readonly stop: true }
  | 'read'

/**
 * Sets timers on request, and records each timer that fires with its
 * correlationId. `again`: the timer sets itself anew.
 */
const alarm = () =>
  actor('alarm', [] as readonly Json[], (rang, message: Message, effects): Turn<readonly Json[]> => {
    if (message === 'read') return { reply: rang }
    if ('set' in message) return { timers: message.set, reply: true }
    if ('stop' in message) return { stop: true, reply: true }
    const state = [...rang, [message.rang, effects.message.correlationId]]
    const { again } = message
    return { state, ...(again !== undefined && { timers: { again: { delay: again, body: message } } }) }
  })

const ring = (rang: Json, delay: number, again?: number): Timer => ({ delay, body: { rang, ...(again && { again }) } })

async function openAlarm(open: OpenTestBench) {
  const clock = simulatedClock()
  const bench = await open([alarm(), recorderActor()], { clock })
  const set = (timers: { readonly [name: string]: Timer | null }) =>
    bench.engine.ask(ALARM, { set: timers }, { correlationId: 'set' })
  return { clock, bench, set, rang: () => rangOf(bench), pass: bench.pass }
}

const rangOf = async ({ engine }: EngineBench) =>
  ((await engine.ask(ALARM, 'read')) as [Json, string][]).map(([what]) => what)

/**
 * A timer is a message to the actor itself, delivered once and on
 * time. Where tests cannot control the clock, they wait.
 */
export function timers(test: DefineTest): void {
  test('a timer fires once, at its time, as part of the work that set it', async (open) => {
    const { bench, set, rang, pass } = await openAlarm(open)
    await set({ egg: ring('egg', 1_000) })
    await pass(200)
    expect(await rang()).toEqual([])
    await pass(800)
    await until(async () => (await rang()).length > 0)
    await pass(500)
    expect(await bench.engine.ask(ALARM, 'read')).toEqual([['egg', 'set']])
  })

  test('a timer fires at its exact millisecond', async (open) => {
    const { clock, bench, set, rang } = await openAlarm(open)
    await set({ egg: ring('egg', 1_000) })
    await bench.engine.tell(RECORDER, 'late', { delay: 1_000 })
    await clock.advance(999)
    expect([await rang(), await bench.engine.ask(RECORDER, READ)]).toEqual([[], []])
    await clock.advance(1)
    expect([await rang(), await bench.engine.ask(RECORDER, READ)]).toEqual([['egg'], ['late']])
  })

  test('a delay that is not a number of ms is rejected', async (open) => {
    const { bench, set, rang } = await openAlarm(open)
    const refused = { name: 'InvalidError', message: expect.stringContaining('expected a delay in ms') }
    await expect(set({ egg: { ...ring('egg', 0), delay: 'soon' as never } })).rejects.toMatchObject(refused)
    for (const delay of [Number.NaN, Number.POSITIVE_INFINITY])
      await expect(bench.engine.tell(RECORDER, 'late', { delay })).rejects.toMatchObject(refused)
    expect([await rang(), await bench.engine.ask(RECORDER, READ)]).toEqual([[], []])
  })

  test('a message with a time in the past is taken at once', async (open) => {
    const { bench } = await openAlarm(open)
    await bench.engine.tell(RECORDER, 'late', { delay: -5 })
    await until(async () => ((await bench.engine.ask(RECORDER, READ)) as Json[]).length > 0)
  })

  test('timers fire in the order of their times', async (open) => {
    const { set, rang, pass } = await openAlarm(open)
    await set({ c: ring('c', 600), a: ring('a', 200), b: ring('b', 400) })
    await pass(600)
    await until(async () => (await rang()).length === 3)
    expect(await rang()).toEqual(['a', 'b', 'c'])
  })

  test('setting a timer again replaces it', async (open) => {
    const { set, rang, pass } = await openAlarm(open)
    await set({ egg: ring('old', 500), other: ring('other', 600) })
    await set({ egg: ring('new', 700) })
    await pass(900)
    await until(async () => (await rang()).includes('new'))
    expect(await rang()).toEqual(['other', 'new'])
  })

  test('null cancels a timer', async (open) => {
    const { set, rang, pass } = await openAlarm(open)
    await set({ egg: ring('egg', 500), other: ring('other', 600) })
    await set({ egg: null, absent: null })
    await pass(800)
    await until(async () => (await rang()).length > 0)
    expect(await rang()).toEqual(['other'])
  })

  test('a timer that fired may be set again, even in its own turn', async (open) => {
    const { set, rang, pass } = await openAlarm(open)
    await set({ again: ring('tick', 1_500, 1_500) })
    for (const ticks of [1, 2]) {
      await pass(1_500)
      await until(async () => (await rang()).length >= ticks)
    }
    await set({ again: null })
    await pass(2_000)
    expect(await rang()).toEqual(['tick', 'tick'])
  })

  test('timers survive a stop and a crash; replaced and cancelled ones do not', async (open) => {
    const { bench, set, rang, pass } = await openAlarm(open)
    await set({ egg: ring('egg', 2_000), replaced: ring('old', 2_000), cancelled: ring('cancelled', 2_000) })
    await set({ replaced: ring('new', 2_500), cancelled: null })
    await bench.reopen()
    await bench.crash()
    expect(await rang()).toEqual([])
    await pass(2_500)
    await until(async () => (await rang()).length >= 2)
    expect(await rang()).toEqual(['egg', 'new'])
  })

  test('a timer that fell due while nothing ran fires once', async (open) => {
    const { bench, set, rang, pass } = await openAlarm(open)
    await set({ egg: ring('egg', 500) })
    await bench.engine.stop()
    await pass(700)
    await bench.reopen()
    await until(async () => (await rang()).length > 0)
    await bench.crash()
    await pass(700)
    expect(await rang()).toEqual(['egg'])
  })

  test('timers are removed with their actor', async (open) => {
    const { bench, set, rang, pass } = await openAlarm(open)
    await set({ egg: ring('former life', 600) })
    await bench.engine.ask(ALARM, { stop: true })
    await pass(200)
    await set({ egg: ring('this life', 600) })
    await pass(800)
    await until(async () => (await rang()).length > 0)
    expect(await rang()).toEqual(['this life'])
  })

  test('a delayed message waits for its time, even across a crash', async (open) => {
    const { bench, pass } = await openAlarm(open)
    await bench.engine.tell(RECORDER, 'late', { delay: 1_500, id: 'late' })
    await bench.engine.tell(RECORDER, 'late', { delay: 1_500, id: 'late' })
    await bench.engine.tell(RECORDER, 'at once')
    expect(await bench.engine.ask(RECORDER, READ)).toEqual(['at once'])
    await bench.crash()
    expect(await bench.engine.ask(RECORDER, READ)).toEqual(['at once'])
    await pass(1_500)
    await until(async () => ((await bench.engine.ask(RECORDER, READ)) as Json[]).length === 2)
    expect(await bench.engine.ask(RECORDER, READ)).toEqual(['at once', 'late'])
  })

  test('a timer whose turn failed can be retried as a dead letter', async (open) => {
    let broken = true
    const fragile = actor('alarm', [] as readonly Json[], (rang, message: Message) => {
      if (message === 'read') return { reply: rang }
      if (typeof message === 'object' && 'set' in message) return { timers: message.set, reply: true }
      if (broken) throw new Error('a bug')
      return { state: [...rang, 'rang'] }
    })
    const { engine, pass } = await open([fragile], { clock: simulatedClock() })
    await engine.ask(ALARM, { set: { egg: ring('egg', 100) } })
    await pass(100)
    const [dead] = await eventualDeadLetters(engine, 1)
    broken = false
    await engine.deadLetters.retry(dead!.id)
    await until(async () => ((await engine.ask(ALARM, 'read')) as Json[]).length > 0)
    expect(await engine.ask(ALARM, 'read')).toEqual(['rang'])
  })
}

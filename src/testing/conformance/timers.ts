import { expect } from 'vitest'
import type { Json } from '../../kernel/schema.ts'
import type { Timer, Turn } from '../../kernel/types.ts'
import { simulatedClock } from '../clock.ts'
import { until } from '../until.ts'
import { actor, deadLettersOf, READ, RECORDER, recorder, ref } from './actors.ts'
import type { Bench, Open, Test } from './bench.ts'

const ALARM = ref('alarm')
type Message =
  | { readonly set: { readonly [name: string]: Timer | null } }
  | { readonly rang: Json; readonly again?: number }
  | { readonly stop: true }
  | 'read'

/** Sets timers as told, and keeps what rang, with its correlationId; `again`: sets itself anew. */
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

async function openAlarm(open: Open) {
  const clock = simulatedClock()
  const bench = await open([alarm(), recorder()], { clock })
  const set = (timers: { readonly [name: string]: Timer | null }) =>
    bench.engine.ask(ALARM, { set: timers }, { correlationId: 'set' })
  return { clock, bench, set, rang: () => rangOf(bench) }
}

const rangOf = async ({ engine }: Bench) =>
  ((await engine.ask(ALARM, 'read')) as [Json, string][]).map(([what]) => what)

/** A timer is a message to oneself, once, at its time. */
export function timers(test: Test): void {
  test('a timer fires once, at its time, as part of the work that set it', async (open) => {
    const { clock, bench, set, rang } = await openAlarm(open)
    await set({ egg: ring('egg', 1_000) })
    await clock.advance(999)
    expect(await rang()).toEqual([])
    await clock.advance(1)
    await until(async () => (await rang()).length > 0)
    await clock.advance(10_000)
    expect(await bench.engine.ask(ALARM, 'read')).toEqual([['egg', 'set']])
  })

  test('timers fire in the order of their times', async (open) => {
    const { clock, set, rang } = await openAlarm(open)
    await set({ c: ring('c', 3_000), a: ring('a', 1_000), b: ring('b', 2_000) })
    await clock.advance(3_000)
    await until(async () => (await rang()).length === 3)
    expect(await rang()).toEqual(['a', 'b', 'c'])
  })

  test('setting a timer again replaces it', async (open) => {
    const { clock, set, rang } = await openAlarm(open)
    await set({ egg: ring('old', 1_000), other: ring('other', 1_500) })
    await set({ egg: ring('new', 2_000) })
    await clock.advance(5_000)
    await until(async () => (await rang()).includes('new'))
    expect(await rang()).toEqual(['other', 'new'])
  })

  test('null cancels a timer', async (open) => {
    const { clock, set, rang } = await openAlarm(open)
    await set({ egg: ring('egg', 1_000), other: ring('other', 2_000) })
    await set({ egg: null, absent: null })
    await clock.advance(5_000)
    await until(async () => (await rang()).length > 0)
    expect(await rang()).toEqual(['other'])
  })

  test('a timer that fired may be set again, from its own turn too', async (open) => {
    const { clock, set, rang } = await openAlarm(open)
    await set({ again: ring('tick', 1_000, 1_000) })
    for (const ticks of [1, 2, 3]) {
      await clock.advance(1_000)
      await until(async () => (await rang()).length >= ticks)
    }
    await set({ again: null })
    await clock.advance(5_000)
    expect(await rang()).toEqual(['tick', 'tick', 'tick'])
  })

  test('timers survive a stop and a crash; replaced and cancelled ones do not', async (open) => {
    const { clock, bench, set, rang } = await openAlarm(open)
    await set({ egg: ring('egg', 1_000), replaced: ring('old', 1_000), cancelled: ring('cancelled', 1_000) })
    await set({ replaced: ring('new', 2_000), cancelled: null })
    await bench.reopen()
    await bench.crash()
    await clock.advance(500)
    expect(await rang()).toEqual([])
    await clock.advance(5_000)
    await until(async () => (await rang()).length >= 2)
    expect(await rang()).toEqual(['egg', 'new'])
  })

  test('a timer that fell due while nothing ran fires once', async (open) => {
    const { clock, bench, set, rang } = await openAlarm(open)
    await set({ egg: ring('egg', 1_000) })
    await bench.engine.stop()
    await clock.advance(10_000)
    await bench.reopen()
    await until(async () => (await rang()).length > 0)
    await bench.crash()
    await clock.advance(10_000)
    expect(await rang()).toEqual(['egg'])
  })

  test('timers go with their actor', async (open) => {
    const { clock, bench, set, rang } = await openAlarm(open)
    await set({ egg: ring('former life', 1_000) })
    await bench.engine.ask(ALARM, { stop: true })
    await clock.advance(500)
    await set({ egg: ring('this life', 1_000) })
    await clock.advance(5_000)
    await until(async () => (await rang()).length > 0)
    expect(await rang()).toEqual(['this life'])
  })

  test('a delayed tell waits for its time, over a crash too', async (open) => {
    const { clock, bench } = await openAlarm(open)
    await bench.engine.tell(RECORDER, 'late', { delay: 1_000, id: 'late' })
    await bench.engine.tell(RECORDER, 'late', { delay: 1_000, id: 'late' })
    await bench.engine.tell(RECORDER, 'at once')
    await clock.advance(999)
    expect(await bench.engine.ask(RECORDER, READ)).toEqual(['at once'])
    await bench.crash()
    expect(await bench.engine.ask(RECORDER, READ)).toEqual(['at once'])
    await clock.advance(1)
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
    const clock = simulatedClock()
    const { engine } = await open([fragile], { clock })
    await engine.ask(ALARM, { set: { egg: ring('egg', 1_000) } })
    await clock.advance(1_000)
    const [dead] = await deadLettersOf(engine, 1)
    broken = false
    await engine.deadLetters.retry(dead!.id)
    await until(async () => ((await engine.ask(ALARM, 'read')) as Json[]).length > 0)
    expect(await engine.ask(ALARM, 'read')).toEqual(['rang'])
  })
}

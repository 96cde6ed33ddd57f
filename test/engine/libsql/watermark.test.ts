import { expect, onTestFinished, test } from 'vitest'
import { libsqlEngine } from '../../../src/engine/libsql/engine.ts'
import type { Actor, EffectCall } from '../../../src/kernel/types.ts'
import { gate, until } from '../../../src/testing/index.ts'
import { actor, RECORDER, recorderActor, ref, takeFirst } from '../../../trials/conformance/actors.ts'
import { heldDisk, settle, waits } from './held-disk.ts'

function open(...actors: readonly Actor[]) {
  const disk = heldDisk()
  const engine = libsqlEngine({ actors, database: disk })
  onTestFinished(async () => {
    disk.letGo()
    await engine.stop({ grace: 0 })
  })
  return { disk, engine }
}

test('a repeated ask waits for the same write as the first one', async () => {
  const { disk, engine } = open(recorderActor())
  const first = engine.ask(RECORDER, 'a', { id: 'same' })
  await until(() => engine.counts.turns === 1)
  const again = engine.ask(RECORDER, 'a', { id: 'same' })
  expect([await waits(first), await waits(again)]).toEqual([true, true])
  disk.letGo()
  expect(await Promise.all([first, again])).toEqual([1, 1])
})

test("an effect waits for its actor's last commit, though its own message is on disk", async () => {
  const hold = gate()
  let acted = 0
  const worker = actor('worker', 0, async (count, message, effects) => {
    if (message === 'first') await effects.run('wait', () => hold.pass(), { effect: 'pure' })
    else await effects.run('act', () => void acted++)
    return { state: count + 1 }
  })
  const { disk, engine } = open(worker)
  const told = [engine.tell(ref('worker'), 'first'), engine.tell(ref('worker'), 'second')]
  await hold.started
  await until(() => disk.writes.length === 1)
  disk.writeNext()
  await Promise.all(told)
  hold.release()
  await until(() => engine.counts.turns >= 1)
  await settle()
  expect(acted).toBe(0)
  disk.letGo()
  await until(() => acted === 1)
})

test('an effect that waited for the disk when its turn was ended does not begin', async () => {
  let acted = 0
  const worker = actor('worker', 0, async (count, _message, effects) => {
    await effects.run('act', () => void acted++)
    return { state: count + 1 }
  })
  const { disk, engine } = open(worker)
  const asked = engine.ask(ref('worker'), 'a', { id: 'work' })
  await until(() => disk.writes.length === 1)
  const ended = Promise.allSettled([asked, engine.cancel(ref('worker'), 'work', 'enough')])
  await settle()
  disk.letGo()
  expect(await ended).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled' }])
  expect(acted).toBe(0)
})

test('the work of a counted attempt begins when its mark is on disk', async () => {
  const steps: string[] = []
  const worker = actor('worker', 0, async (count, _message, effects) => {
    const work = ({ begin }: EffectCall) => {
      steps.push('waits')
      return begin!(() => void steps.push('works'))
    }
    await effects.run('work', work, { effect: 'pure', counted: true })
    return { state: count + 1 }
  })
  const { disk, engine } = open(worker)
  const told = engine.tell(ref('worker'), null)
  await until(() => steps.length > 0)
  await settle()
  expect(steps).toEqual(['waits'])
  disk.letGo()
  await until(() => steps.length === 2)
  await told
})

test('a state is shown when it is on disk, not before', async () => {
  const { disk, engine } = open(recorderActor())
  const told = engine.tell(RECORDER, 'a')
  await until(() => engine.counts.turns === 1)
  const shown = engine.view.peek(RECORDER)
  expect(await waits(shown)).toBe(true)
  disk.letGo()
  expect(await shown).toEqual(['a'])
  await told
})

test('a part is visible when it is on disk, and earlier to an early reader', async () => {
  const keeper = actor('keeper', 0, () => ({ parts: { a: 1 } }))
  const { disk, engine } = open(keeper)
  const told = engine.tell(ref('keeper'), null)
  await until(() => engine.counts.turns === 1)
  const read = (early: boolean) => takeFirst(engine.view.parts(ref('keeper'), { early }))
  expect(await read(true)).toEqual([['a', 1]])
  const shown = read(false)
  expect(await waits(shown)).toBe(true)
  disk.letGo()
  expect(await shown).toEqual([['a', 1]])
  await told
})

test('an event is shown when it is on disk, not before', async () => {
  const herald = actor('herald', 0, (count) => ({ state: count + 1, events: [`event ${count}`] }))
  const { disk, engine } = open(herald)
  const told = engine.tell(ref('herald'), null)
  await until(() => engine.counts.turns === 1)
  const shown = engine.view.events(ref('herald'))[Symbol.asyncIterator]().next()
  expect(await waits(shown)).toBe(true)
  disk.letGo()
  expect(await shown).toMatchObject({ value: { n: 1, body: 'event 0' } })
  await told
})

test('a waiter of a disk that fails gets an error, and nothing is accepted after that', async () => {
  const { disk, engine } = open(recorderActor())
  const heard = (given: Promise<unknown>) => given.then(String, ({ code }) => code)
  const waiting = [engine.tell(RECORDER, 'a'), engine.ask(RECORDER, 'b')].map(heard)
  await until(() => disk.writes.length === 1)
  disk.fail(new Error('no space left'))
  const all = [...waiting, ...[engine.tell(RECORDER, 'c'), engine.ask(RECORDER, 'd')].map(heard)]
  for (const one of all) expect(await waits(one)).toBe(false)
  expect(await Promise.all(all)).toEqual(['degraded', 'degraded', 'degraded', 'degraded'])
})

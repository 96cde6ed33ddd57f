import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Runtime } from '../../src/runtime.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import { begin, end, of, openJourney, wake } from './graduate/journey.ts'

const KEYS = ['a', 'b/é', '~c']

async function seen({ engine }: Runtime, key: string) {
  const parts: unknown[] = []
  for await (const part of engine.view.parts(of(key))) parts.push(part)
  const inspected = (await engine.view.inspect({ kind: 'traveller', key }))[0]!
  return {
    state: await engine.view.peek(of(key)),
    parts,
    cell: inspected.cell,
    events: await eventsOf(engine, key, inspected.cell!.events),
  }
}

async function eventsOf(engine: Runtime['engine'], key: string, count: number) {
  const events: unknown[] = []
  if (count === 0) return events
  for await (const event of engine.view.events(of(key))) if (events.push(event) === count) break
  return events
}

describeOnRestate('graduate', () => {
  const server = useRestate()

  it('moves what is at rest to Restate and back, and all of it is the same', { timeout: 60_000 }, async () => {
    const { open, move, data } = await openJourney()
    const first = await open()
    for (const key of KEYS)
      for (const add of [1, 2, 3]) await first.engine.ask(of(key), { add }, { id: `${key}:${add}` })
    await first.engine.tell(of('a'), { fail: true })
    await expect.poll(() => first.engine.deadLetters.list()).toHaveLength(1)
    const before = await Promise.all(KEYS.map((key) => seen(first, key)))
    const listed = await first.engine.view.list('traveller', { sort: 'total' })
    const letters = await first.engine.deadLetters.list()
    await first.stop()

    const restate = { admin: [server.now().admin] }
    const there = await move({ to: 'restate', restate })
    expect(there.counts).toMatchObject({ actors: 3, events: 9, letters: 1, ids: 9, mail: 0 })
    expect(existsSync(join(data, 'engine.db'))).toBe(false)
    const second = await open(server.now().admin)
    expect(await Promise.all(KEYS.map((key) => seen(second, key)))).toEqual(before)
    expect(await second.engine.view.list('traveller', { sort: 'total' })).toEqual(listed)
    expect(await second.engine.deadLetters.list()).toEqual(letters)
    expect(await second.engine.ask(of('a'), { add: 3 }, { id: 'a:3' })).toBe(6)
    expect(await second.engine.ask(of('a'), { add: 4 }, { id: 'a:4' })).toBe(10)
    await expect(second.engine.ask(of('b/é'), { add: 3 }, { id: 'a:3x' })).resolves.toBe(9)
    await second.stop()

    const back = await move({ to: 'libsql', restate })
    expect(back.counts).toMatchObject({ actors: 3, events: 11, letters: 1, ids: 11, mail: 0 })
    const third = await open()
    expect((await seen(third, 'a')).state).toEqual({ total: 10, asker: null })
    expect(await third.engine.view.list('traveller', { sort: 'total' })).toHaveLength(3)
    expect(await third.engine.deadLetters.list()).toEqual(letters)
    expect(await third.engine.ask(of('a'), { add: 4 }, { id: 'a:4' })).toBe(10)
    expect(await third.engine.ask(of('a'), { add: 5 }, { id: 'a:5' })).toBe(15)
  })

  it('what is in the middle goes on at the other side, and nothing is done twice', { timeout: 60_000 }, async () => {
    const restate = { admin: [server.now().admin] }
    const journey = await openJourney()
    const { open, move, calls } = journey
    const gone = ['the asker went away', 'the asker went away']
    const first = await open()
    const left = await begin(first, 'there', journey, 2_500)
    await first.stop({ grace: 0 })
    expect(await Promise.all(left)).toEqual(gone)
    expect((await move({ to: 'restate', restate })).counts).toMatchObject({ mail: 4, timers: 2, ids: 1 })
    expect(calls).toEqual(['there.held first', 'there.held second'])
    const second = await open(server.now().admin)
    await end(second, 'there', journey)
    await wake(second, 'there')

    calls.length = 0
    const again = await begin(second, 'back', journey, 2_500)
    await second.stop({ grace: 0 })
    expect(await Promise.all(again)).toEqual(gone)
    expect((await move({ to: 'libsql', restate })).counts).toMatchObject({ mail: 4, timers: 2 })
    expect(calls).toEqual(['back.held first', 'back.held second'])
    const third = await open()
    expect(await third.engine.start()).toBe(4)
    await end(third, 'back', journey)
    await wake(third, 'back')
    expect(await third.engine.ask(of('there.later'), { later: true }, { id: 'there:later' })).toBe('at last')
  })
})

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createClient } from '../../../src/engine/restate/client/client.ts'
import { restateEngine } from '../../../src/engine/restate/engine.ts'
import { isMigrating } from '../../../src/runtime/data-folder/migration-record.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { describeOnRestate, useRestate } from '../../engine/restate/server.ts'
import { begin, end, of, openJourney, wake } from './journey.ts'

const KEYS = ['a', 'b/é', '~c']

async function seen({ engine }: ServedRuntime, key: string) {
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

async function eventsOf(engine: ServedRuntime['engine'], key: string, count: number) {
  const events: unknown[] = []
  if (count === 0) return events
  for await (const event of engine.view.events(of(key))) if (events.push(event) === count) break
  return events
}

describeOnRestate('migrate', () => {
  const server = useRestate()

  it('moves what is at rest to Restate and back, and all of it is the same', async () => {
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
    // as small as they are each lies under one key, as if it had been there from its beginning
    const { query } = createClient(server.now())
    const held = `select key from state where service_name = '${there.namespace}.traveller'`
    expect((await query(held)).map(({ key }) => key)).toEqual(['cell', 'cell', 'cell'])
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
    // a node of before that starts only now
    await expect((await openJourney()).open(server.now().admin, there.namespace)).rejects.toMatchObject({
      code: 'moved',
    })
    const third = await open()
    expect((await seen(third, 'a')).state).toEqual({ total: 10, asker: null })
    expect(await third.engine.view.list('traveller', { sort: 'total' })).toHaveLength(3)
    expect(await third.engine.deadLetters.list()).toEqual(letters)
    expect(await third.engine.ask(of('a'), { add: 4 }, { id: 'a:4' })).toBe(10)
    expect(await third.engine.ask(of('a'), { add: 5 }, { id: 'a:5' })).toBe(15)
  })

  it('work in flight continues on the other engine, and nothing happens twice', async () => {
    const restate = { admin: [server.now().admin] }
    const journey = await openJourney()
    const { open, move, calls } = journey
    const gone = ['the asker went away', 'the asker went away']
    const first = await open()
    const left = await begin(first, 'there', journey, 2_500)
    await first.stop({ grace: 0 })
    expect(await Promise.all(left)).toEqual(gone)
    expect((await move({ to: 'restate', restate })).counts).toMatchObject({ mail: 5, timers: 2, ids: 1 })
    expect(calls).toEqual(['there.paid pay', 'there.held first', 'there.held second'])
    const second = await open(server.now().admin)
    await end(second, 'there', journey)
    await wake(second, 'there')

    calls.length = 0
    const again = await begin(second, 'back', journey, 2_500)
    await second.stop({ grace: 0 })
    expect(await Promise.all(again)).toEqual(gone)
    expect((await move({ to: 'libsql', restate })).counts).toMatchObject({ mail: 5, timers: 2 })
    expect(calls).toEqual(['back.paid pay', 'back.held first', 'back.held second'])
    const third = await open()
    expect(await third.engine.start()).toBe(5)
    await end(third, 'back', journey)
    await wake(third, 'back')
    expect(await third.engine.ask(of('there.later'), { later: true }, { id: 'there:later' })).toBe('at last')
  })

  it('under load, both ways: what was asked is taken once, and in order', async () => {
    const { admin } = server.now()
    const { open, move } = await openJourney()
    let current = open()
    let over = false
    const done = { libsql: 0, restate: 0 }
    const engineOf = (runtime: ServedRuntime) => (runtime.status().restate ? 'restate' : 'libsql')

    async function askUntilAnswered(key: string, id: string): Promise<unknown> {
      for (;;) {
        const runtime = await current
        try {
          const reply = await runtime.engine.ask(of(key), { add: 1 }, { id })
          done[engineOf(runtime)]++
          return reply
        } catch (error) {
          // who gives the folder up says so, and the next one is asked
          expect(['busy', 'cancelled', 'stopped']).toContain((error as { readonly code?: string }).code)
          await new Promise(setImmediate)
        }
      }
    }
    const clients = ['a', 'b', 'c', 'd'].map(async (key) => {
      for (let n = 1; !over; n++) expect(await askUntilAnswered(key, `${key}:${n}`)).toBe(n)
    })
    async function moveTo(to: 'libsql' | 'restate'): Promise<void> {
      const runtime = await current
      const next = Promise.withResolvers<ServedRuntime>()
      await runtime.serving.handOver(10_000)
      current = next.promise
      await runtime.stop()
      await move({ to, restate: { admin: [admin] } })
      next.resolve(await open(to === 'restate' ? admin : undefined))
    }

    await expect.poll(() => done.libsql).toBeGreaterThan(100)
    await moveTo('restate')
    await expect.poll(() => done.restate).toBeGreaterThan(20)
    const before = done.libsql
    await moveTo('libsql')
    await expect.poll(() => done.libsql).toBeGreaterThan(before + 100)
    over = true
    await Promise.all(clients)
  })

  it('an application on which a node works is not moved, and not filled', async () => {
    const { admin, ingress } = server.now()
    const { open, move, actor, data } = await openJourney()
    const first = await open()
    await first.engine.ask(of('a'), { add: 1 })
    await first.stop()
    const { namespace } = await move({ to: 'restate', restate: { admin: [admin] } })
    const elsewhere = restateEngine({ admin, ingress, namespace, actors: [actor] })
    onTestFinished(() => elsewhere.stop())
    await elsewhere.start()
    await expect(move({ to: 'libsql', restate: { admin: [admin] } })).rejects.toMatchObject({ code: 'owned' })
    expect(isMigrating(data)).toBe(false)
    const filled = await fetch(`${ingress}/${namespace}.traveller/a/fill`, {
      method: 'POST',
      body: '[["cell",null]]',
      headers: { 'content-type': 'application/json' },
    })
    expect(await filled.text()).toContain('cannot be filled')
    expect(await elsewhere.view.peek(of('a'))).toMatchObject({ total: 1 })
  })
})

import { expect, it } from 'vitest'
import { is } from '../../../src/errors.ts'
import { createClient } from '../../../src/http/client/client.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { until } from '../../../src/testing/index.ts'
import { actor, ref } from '../../../trials/conformance/actors.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'
import { collect } from '../bench.ts'

async function openRoutes() {
  const fragile = actor('fragile', 0, (count, message) => {
    if (message === 'break') throw new Error('a bug')
    return { state: count + 1, events: [{ count: count + 1 }], index: { waits: 'signal:go' }, reply: count + 1 }
  })
  const runtime = await openFolder().open([fragile])
  const app = createApp(runtime)
  const client = createClient((request) => app.fetch(request))
  await runtime.engine.ask(ref('fragile', 'a/b'), 'fine')
  return { runtime, app, client, inspector: client.inspector }
}

it('a client sees of actors what the runtime itself sees', async () => {
  const { runtime, inspector } = await openRoutes()
  const { inspector: own } = runtime
  expect(await inspector.actors()).toEqual(await own.actors())
  expect(await inspector.actors({ kind: 'fragile', limit: 1 })).toHaveLength(1)
  expect(await inspector.actors({ status: 'nothing' })).toEqual([])
  expect(await inspector.actor('fragile/a/b')).toEqual(await own.actor('fragile/a/b'))
  expect(await inspector.why('fragile/a/b')).toEqual(await own.why('fragile/a/b'))
  expect(await inspector.tree()).toEqual(await own.tree())
  expect(await inspector.tree('fragile/a/b')).toMatchObject([{ of: 'fragile/a/b' }])
  expect(await inspector.stranded()).toEqual([])
})

it('a client follows the events of an actor from a number on', async () => {
  const { runtime, inspector } = await openRoutes()
  await runtime.engine.ask(ref('fragile', 'a/b'), 'fine')
  const leaving = new AbortController()
  const seen: unknown[] = []
  for await (const event of inspector.tail('fragile/a/b', { after: 1, signal: leaving.signal })) {
    seen.push(event)
    leaving.abort()
  }
  expect(seen).toEqual([{ n: 2, body: { count: 2 } }])
})

it('a client looks at dead letters, sends them again and drops them', async () => {
  const { runtime, inspector } = await openRoutes()
  await runtime.engine.tell(ref('fragile', 'a/b'), 'break', { id: 'the/letter' })
  const [letter] = await until(async () => {
    const letters = await inspector.deadLetters.list({ limit: 5 })
    return letters.length > 0 && letters
  })
  expect(letter).toMatchObject({ id: 'the/letter', to: 'fragile/a/b' })
  expect(await inspector.deadLetters.get('the/letter')).toMatchObject({ letter: { body: 'break' } })
  const again = await inspector.deadLetters.retry('the/letter')
  expect(again).toMatchObject({ outcome: 'failed', problem: { message: 'a bug' } })
  expect(await inspector.deadLetters.drop(again.id)).toMatchObject({ id: again.id })
  expect(await inspector.deadLetters.list()).toEqual([])
})

it('every route answers 404 for a missing actor and 400 for a wrong request', async () => {
  const { app, inspector } = await openRoutes()
  const nothing = [
    () => inspector.actor('fragile/x'),
    () => inspector.why('run_x'),
    () => inspector.tree('run_x'),
    () => inspector.deadLetters.get('x'),
    () => inspector.deadLetters.retry('x'),
    () => inspector.deadLetters.drop('x'),
    async () => {
      for await (const _ of inspector.tail('fragile/x')) break
    },
  ]
  for (const ask of nothing) {
    const error = await ask().then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect([String(ask), is(error, 'NotFoundError')]).toEqual([String(ask), true])
  }
  expect((await app.request('/v1/actors?limit=0')).status).toBe(400)
  expect((await app.request('/v1/deadletters?limit=many')).status).toBe(400)
})

it('a client reads lists page by page to their end', async () => {
  const { runtime, app, client } = await openRoutes()
  for (const key of ['b', 'c', 'd', 'e']) await runtime.engine.ask(ref('fragile', key), 'fine')
  const names = (await collect(client.each('actors', { kind: 'fragile', limit: 2 }))).map(({ of }) => of)
  expect(names).toEqual(['fragile/a/b', 'fragile/b', 'fragile/c', 'fragile/d', 'fragile/e'])
  for (const name of ['one', 'two', 'three']) await client.access.keys.create({ name, owner: 'ada', scopes: ['read'] })
  expect(await collect(client.each('keys', { limit: 2 }))).toEqual(await runtime.access.keys.list())
  const last = await (await app.request('/v1/actors?kind=fragile&limit=6')).json()
  expect(last).not.toHaveProperty('next')
  const wrong = await app.request('/v1/runs?after=nowhere')
  expect([wrong.status, await wrong.json()]).toMatchObject([400, { code: 'bad_cursor' }])
})

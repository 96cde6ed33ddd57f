import { expect, it } from 'vitest'
import type { KeyScope } from '../../../src/house/scope.ts'
import { createClient } from '../../../src/http/client/client.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { identifyByKey } from '../../../src/http/server/authenticate.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

/** A server with keys, and a client for each owner. */
async function openServer() {
  const runtime = await openFolder().open()
  const app = createApp(runtime, { identify: identifyByKey(runtime.access) })
  async function as(owner: string, ...scopes: KeyScope[]) {
    const { token } = await runtime.access.keys.create({ name: owner, owner, scopes })
    const request = (path: string, init: RequestInit = {}) =>
      app.request(`/v1${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers },
      })
    const client = createClient((sent) => {
      sent.headers.set('authorization', `Bearer ${token}`)
      return app.fetch(sent)
    })
    return { request, environments: client.environments }
  }
  return { runtime, as }
}

it('each owner has environments of their own; those of others look missing', async () => {
  const { runtime, as } = await openServer()
  const [ann, bob, boss] = [await as('ann', 'run', 'read'), await as('bob', 'run', 'read'), await as('boss', 'admin')]
  await ann.environments.update('shop', { tea: 1 })
  await runtime.environments.update('shop', { tea: 9 })
  const missing = { code: 'not_found' }
  await expect(bob.environments.get('shop')).rejects.toMatchObject(missing)
  for (const name of ['ann:shop', 'local:shop']) {
    await expect(bob.environments.get(name)).rejects.toMatchObject(missing)
    await expect(bob.environments.update(name, { tea: 2 })).rejects.toMatchObject(missing)
    await expect(bob.environments.snapshot(name)).rejects.toMatchObject(missing)
    await expect(bob.environments.restore(name, 1)).rejects.toMatchObject(missing)
    expect((await bob.request(`/environments/${name}/events`)).status).toBe(404)
  }
  expect(await bob.environments.list()).toEqual([])
  expect(await ann.environments.list()).toMatchObject([{ name: 'shop', owner: 'ann', version: 1 }])
  expect(await ann.environments.get('shop')).toMatchObject({ keys: { tea: { source: 'owner/ann' } } })
  expect((await boss.environments.list()).map(({ name }) => name).sort()).toEqual(['ann:shop', 'local:shop'])
  expect(await boss.environments.get('ann:shop')).toMatchObject({ owner: 'ann', state: { tea: 1 } })
  expect(await boss.environments.get('local:shop')).toMatchObject({ state: { tea: 9 } })
})

it('a stale version is a 409, and a PATCH with an Idempotency-Key acts once', async () => {
  const { as } = await openServer()
  const { request, environments } = await as('ann', 'run', 'read')
  const patch = (body: object, headers = {}) =>
    request('/environments/shop', { method: 'PATCH', body: JSON.stringify(body), headers })
  const once = { 'idempotency-key': 'k1' }
  expect(await (await patch({ patch: { tea: 1 } }, once)).json()).toEqual({ version: 1, applied: ['tea'] })
  expect(await (await patch({ patch: { tea: 1 } }, once)).json()).toEqual({ version: 1, applied: ['tea'] })
  const stale = await patch({ patch: { tea: 2 }, expectedVersion: 0 })
  expect(stale.status).toBe(409)
  expect(await stale.json()).toMatchObject({ code: 'stale_version' })
  expect((await patch({ patch: {} })).status).toBe(400)
  expect((await environments.get('shop')).version).toBe(1)
})

it('a client follows changes from a version, saves and restores', async () => {
  const { as } = await openServer()
  const { environments } = await as('ann', 'run', 'read')
  await environments.update('shop', { tea: 1 })
  expect(await environments.snapshot('shop')).toEqual({ version: 1 })
  await environments.update('shop', { tea: 2 }, { source: 'clerk' })
  const leaving = new AbortController()
  const watching = environments.watch('shop', { after: 1, signal: leaving.signal })[Symbol.asyncIterator]()
  expect((await watching.next()).value).toMatchObject({ n: 2, body: { type: 'update', source: 'clerk' } })
  expect(await environments.restore('shop', 1)).toEqual({ version: 3 })
  expect((await watching.next()).value).toMatchObject({ n: 3, body: { type: 'restore', patch: { tea: 1 } } })
  leaving.abort()
})

it('rights: reading does not change, and only an admin sees the health of the process', async () => {
  const { as } = await openServer()
  const reader = await as('ann', 'read')
  await expect(reader.environments.update('shop', { tea: 1 })).rejects.toMatchObject({ code: 'scope_missing' })
  await expect(reader.environments.health()).rejects.toMatchObject({ code: 'scope_missing' })
  const { checks } = await (await as('boss', 'admin')).environments.health()
  expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['event-loop', 'heap', 'disk']))
})

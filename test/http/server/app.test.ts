import { expect, it } from 'vitest'
import { BusyError } from '../../../src/errors.ts'
import type { KeyScope } from '../../../src/house/scope.ts'
import type { Caller } from '../../../src/http/authorize/caller.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { freshFolder, openApp, post } from '../bench.ts'
import { fakeRuntime } from '../fake-runtime.ts'

it('has no other routes', async () => {
  const { app } = openApp()
  const response = await app.request('/v2/runs')
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ code: 'not_found', detail: 'There is no GET /v2/runs.' })
})

it('says what the process is doing', async () => {
  const { client, folder } = openApp()
  expect(await client.status()).toMatchObject({ pid: process.pid, data: folder, model: { offline: true } })
})

it.each(['text/plain', 'application/x-www-form-urlencoded', ''])('takes no body of the type "%s"', async (type) => {
  const { app, runtime, file } = openApp()
  const body = new TextEncoder().encode(JSON.stringify({ file: file(['one']) }))
  const headers: Record<string, string> = type === '' ? {} : { 'content-type': type }
  const response = await app.request('/v1/runs', { method: 'POST', body, headers })
  expect(response.status).toBe(415)
  expect(await response.json()).toMatchObject({
    code: 'unsupported_type',
    hint: expect.stringContaining('application/json'),
  })
  expect(await runtime.runs.list()).toEqual([])
})

const caller = (more: Partial<Caller>): Caller => ({ owner: 'ada', scopes: ['read'], local: false, ...more })

it('lets a caller do what its scopes say, and admin all', async () => {
  const { runtime } = openApp()
  const asked = async (path: string, scopes: readonly KeyScope[]) =>
    createApp(runtime, { identify: () => caller({ scopes }) }).request(path)
  expect((await asked('/v1/runs', ['read'])).status).toBe(200)
  expect((await asked('/v1/runs', ['admin'])).status).toBe(200)
  const refused = await asked('/v1/runs', ['run', 'ask'])
  expect(refused.status).toBe(403)
  expect(await refused.json()).toMatchObject({ code: 'scope_missing', detail: expect.stringContaining('read') })
})

it('does not authenticate callers of public routes', async () => {
  const { runtime } = openApp()
  const app = createApp(runtime, { identify: () => Promise.reject(new Error('nobody')) })
  expect((await app.request('/v1/openapi.json')).status).toBe(200)
  expect((await app.request('/v1/runs')).status).toBe(500)
})

it('keeps the folder to its user', async () => {
  const { runtime, folder } = openApp()
  const app = createApp(runtime, { identify: () => caller({ scopes: ['admin'] }) })
  const response = await app.request('/v1/backup', post(JSON.stringify({ file: `${folder}/b` })))
  expect(response.status).toBe(403)
  expect(await response.json()).toMatchObject({ code: 'local_only' })
})

it('answers HEAD to a stream without beginning it', async () => {
  const { app, runtime, file } = openApp()
  const { id } = await runtime.runs.start({ file: file(['one']) })
  const response = await app.request(`/v1/runs/${id}/events`, { method: 'HEAD' })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  expect(response.body).toBeNull()
})

it.each(['/v1/runs/none/events', '/v1/runs/none/artifacts/one', '/v1/runs/none'])(
  'answers HEAD to %s as it answers GET, without a body',
  async (path) => {
    const { app } = openApp()
    const [head, get] = await Promise.all(['HEAD', 'GET'].map((method) => app.request(path, { method })))
    expect([head!.status, head!.headers.get('content-type')]).toEqual([404, get!.headers.get('content-type')])
    expect([get!.status, head!.body]).toEqual([404, null])
  },
)

it('says which methods a path takes', async () => {
  const { app } = openApp()
  const options = await app.request('/v1/runs', { method: 'OPTIONS' })
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST, GET, HEAD, OPTIONS'])
  const refused = await app.request('/v1/runs/run_1', { method: 'DELETE' })
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  expect(await refused.json()).toMatchObject({ code: 'method_not_allowed' })
})

it('gives every answer the id of its request: the one that came with it, or one of its own', async () => {
  const { app } = openApp()
  const ids = await Promise.all(
    ['/v1/runs', '/v1/runs/none', '/v2'].map(async (path) => (await app.request(path)).headers.get('x-request-id')),
  )
  expect(new Set(ids).size).toBe(3)
  for (const id of ids) expect(id).toMatch(/^[\w-]{36}$/)
  const asked = async (id: string) =>
    (await app.request('/v1/runs', { headers: { 'x-request-id': id } })).headers.get('x-request-id')
  expect(await asked('mine-1')).toBe('mine-1')
  expect(await asked('not, mine')).toMatch(/^[\w-]{36}$/)
})

it('tells whether it is there, and whether it can take work', async () => {
  const { app, runtime } = openApp()
  expect(await (await app.request('/v1/health')).json()).toEqual({ status: 'ok', role: 'owner' })
  expect(await (await app.request('/v1/ready')).json()).toEqual({ status: 'ready', role: 'owner' })
  const broken = createApp({ ...runtime, ready: () => Promise.reject(new BusyError('It is moving.')) })
  const response = await broken.request('/v1/ready')
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
})

it('keeps what goes wrong inside to itself, but for the user of the folder', async () => {
  const runtime = fakeRuntime(freshFolder())
  Object.assign(runtime.runs, {
    list: async () => {
      throw new TypeError('secret of the inside')
    },
  })
  const caller = { owner: 'me', key: 'k', scopes: ['read'], local: false } as const
  const outside = await createApp(runtime, { identify: () => caller }).request('/v1/runs')
  expect(outside.status).toBe(500)
  const text = await outside.text()
  expect(text).not.toContain('secret')
  expect(text).toContain(outside.headers.get('x-request-id')!)
  const inside = await createApp(runtime).request('/v1/runs')
  expect(await inside.json()).toMatchObject({ code: 'internal', detail: 'secret of the inside' })
})

it.each([200, 20_000, 200_000])('a body that is nested %i deep is the fault of who sent it', async (depth) => {
  const { app } = openApp()
  const value = `${'['.repeat(depth)}${']'.repeat(depth)}`
  const body = `{"source":{"text":"{name: a, steps: []}"},"inputs":{"x":${value}}}`
  for (const headers of [{}, { 'idempotency-key': 'deep' }]) {
    const response = await app.request('/v1/runs', post(body, headers))
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ code: 'too_large', detail: 'The body is nested deeper than 200.' })
  }
})

import { expect, it } from 'vitest'
import { ROUTES } from '../../../src/http/routes/route-table.ts'
import { until } from '../../../src/testing/until.ts'
import { answer } from '../../agent/goal/folder.ts'
import { ANN, openMounts, send } from './mounts.ts'

const hello = { agent: 'clerk', text: 'Hello.', wait: true }
const talk = '/v1/conversations/talk/messages'

/** What a caller could try, to be taken for the user of the data folder. */
const TRICKS = [
  {},
  {
    host: 'localhost',
    origin: 'http://localhost',
    'x-forwarded-for': '127.0.0.1',
    'x-antiphon-peer': 'a'.repeat(64),
    'x-antiphon-session': 'a'.repeat(64),
    authorization: 'Bearer local',
  },
]

it('requires an API key for the whole API, whatever the request says', async () => {
  const { fetch } = await openMounts()
  const guarded = ROUTES.filter(({ scope }) => scope !== null)
  expect(guarded.length).toBeGreaterThan(80)
  for (const headers of TRICKS)
    for (const { method, path } of guarded) {
      const target = `/v1${path.replace(/\{\w+\}/g, 'x')}`
      const { status } = await send(fetch, target, {
        method: method.toUpperCase(),
        headers,
        ...(method !== 'get' && { body: {} }),
      })
      expect([target, status]).toEqual([target, 401])
    }
  for (const path of ['/mcp', '/api/postchain/simple'])
    expect((await send(fetch, path, { body: {} })).status).toBeGreaterThanOrEqual(401)
  expect((await send(fetch, '/v1/health')).status).toBe(200)
})

it('does not make an admin with a key the user of the data folder', async () => {
  const { fetch, runtime, path } = await openMounts()
  const { token } = await runtime.access.keys.create({ name: 'boss', owner: 'boss', scopes: ['admin'] })
  const headers = { authorization: `Bearer ${token}` }
  expect((await send(fetch, '/v1/status', { headers })).status).toBe(200)
  const file = path('gate.yaml')
  for (const [target, body] of [
    ['/v1/handover', { wait: 0 }],
    ['/v1/backup', { file }],
    ['/v1/runs', { file }],
    ['/v1/threads/t/asks', { prompt: 'Why?', files: [file] }],
  ] as const)
    expect(await send(fetch, target, { body, headers })).toMatchObject({ status: 403, code: 'local_only' })
})

it('serves what belongs to the owner, and nothing else', async () => {
  const { byUser, path, runtime } = await openMounts({ script: [answer('Hello.')] })
  const handler = byUser()
  expect((await send(handler, talk, { body: hello, headers: ANN })).document).toMatchObject({ answer: 'Hello.' })
  await until(async () => (await runtime.access.audit.list()).length > 0)
  const [entry] = await runtime.access.audit.list()
  expect(entry).toMatchObject({ owner: 'ann', target: talk, status: 200 })
  expect(entry).not.toHaveProperty('key')
  const read = `${talk}/${(await send(handler, '/v1/threads/talk', { headers: ANN })).document.asks[0].id}`
  expect((await send(handler, read, { headers: ANN })).status).toBe(200)
  for (const headers of [{ user: 'bob' }, { user: 'Ann' }])
    expect(await send(handler, read, { headers })).toMatchObject({ status: 404 })
  const served = new Set(['agents', 'goals', 'conversations', 'runs', 'inbox', 'threads', 'files', 'feed', 'caller'])
  const servedToo = new Set(['inspector.why', 'inspector.work', 'access.audit.list'])
  for (const headers of TRICKS)
    for (const { name, method, path, scope } of ROUTES) {
      const isServed = served.has(name.split('.')[0]!) || servedToo.has(name)
      if (isServed) expect([name, scope]).not.toEqual([name, 'admin'])
      else {
        const target = `/v1${path.replace(/\{\w+\}/g, 'x')}`
        const body = method !== 'get' && { body: {} }
        const all = { ...headers, ...ANN }
        const { status } = await send(handler, target, { method: method.toUpperCase(), headers: all, ...body })
        expect([name, status < 404 ? status : 404]).toEqual([name, 404])
      }
    }
  for (const other of ['/mcp', '/api/postchain/simple', '/health', '/'])
    expect((await send(handler, other, { body: {}, headers: ANN })).status).toBe(404)
  const file = { file: path('gate.yaml') }
  expect(await send(handler, '/v1/runs', { body: file, headers: ANN })).toMatchObject({ code: 'local_only' })
})

it('keeps the ids of messages of owners apart', async () => {
  const { byUser } = await openMounts({
    script: ['one', 'two', 'three'].map((text) => ({ ...answer(text), times: 1 })),
  })
  const handler = byUser()
  const body = { ...hello, id: 'm1' }
  const users = ['ann', 'bob', 'ann@shop.example']
  for (const [at, text] of ['one', 'two', 'three'].entries())
    expect(await send(handler, talk, { body, headers: { user: users[at]! } })).toMatchObject({
      ...{ status: 200, document: { id: 'm1', conversation: 'talk', answer: text } },
    })
  for (const [at, text] of ['one', 'two', 'three'].entries())
    expect(await send(handler, `${talk}/m1`, { headers: { user: users[at]! } })).toMatchObject({
      ...{ status: 200, document: { answer: text } },
    })
})

it('takes no owner, a throw and a rejection as 401', async () => {
  const { handler } = await openMounts()
  const throws = () => {
    throw new Error('a secret')
  }
  for (const owner of [() => undefined, () => null, () => '', throws, async () => undefined, async () => throws()]) {
    const { status, document } = await send(handler({ owner }), '/v1/runs')
    expect([status, document.code]).toEqual([401, 'unauthenticated'])
    expect(JSON.stringify(document)).not.toContain('secret')
  }
})

it('refuses keys and visitors with the name of the owner of shared prompts, where prompts are shared', async () => {
  const asPublic = { user: 'public' }
  const request = { name: 'p', owner: 'public', scopes: ['memory', 'read'] } as const
  const off = await openMounts()
  expect((await send(off.byUser(), '/v1/runs', { headers: asPublic })).status).toBe(200)
  const { token } = await off.runtime.access.keys.create(request)
  await off.runtime.stop()
  const on = await openMounts({ yaml: 'ledger: { sharing: public }\n' })
  const refused = { status: 403, code: 'owner_reserved' }
  expect(await send(on.byUser(), '/v1/runs', { headers: asPublic })).toMatchObject(refused)
  await expect(on.runtime.access.keys.create(request)).rejects.toMatchObject({ code: 'owner_reserved' })
  expect((await send(on.byUser(), '/v1/runs', { headers: ANN })).status).toBe(200)
  // a key that was made before
  on.runtime.access.keys.identify = async () => ({ id: 'k', ...request, scopes: [...request.scopes], createdAt: 0 })
  const headers = { authorization: `Bearer ${token}` }
  for (const path of ['/v1/memory/records', '/v1/runs'])
    expect(await send(on.fetch, path, { headers })).toMatchObject(refused)
})

it('refuses owners that are no names, and scopes that an owner may not have', async () => {
  const { handler } = await openMounts()
  const wrong = ['local', 'ann:talk', 'a/b', ' ann', 'ann\n', 'x'.repeat(65), 'auth0|7', 'ä', { owner: 'local' }]
  const scopes = [['admin'], ['read', 'admin'], ['all'], 'read', [undefined]].map((given) => ({
    owner: 'ann',
    scopes: given,
  }))
  const circle: { owner?: unknown } = {}
  circle.owner = circle
  const odd = [1n, { owner: 1n }, { owner: 'ann', scopes: [1n] }, circle, { owner: Symbol('ann') }, () => 'ann']
  for (const found of [...wrong, ...scopes, 7, ['ann'], { id: 'ann' }, { owner: 7 }, ...odd]) {
    const { status, code } = await send(handler({ owner: () => found as never }), '/v1/runs')
    expect([found, status, code]).toEqual([found, 403, 'owner_refused'])
  }
  const reads = handler({ owner: () => ({ owner: 'ann', scopes: ['read'] }) })
  expect((await send(reads, '/v1/runs')).status).toBe(200)
  expect(await send(reads, talk, { body: hello })).toMatchObject({ status: 403, code: 'scope_missing' })
})

it('does not wait forever for the owner', async () => {
  const { handler, clock } = await openMounts()
  const asked = Promise.withResolvers<void>()
  const never = handler({
    owner: () => {
      asked.resolve()
      return new Promise(() => {})
    },
  })
  const answered = send(never, '/v1/runs')
  await asked.promise
  await clock.advance(10_000)
  expect(await answered).toMatchObject({ status: 504, code: 'timeout' })
})

it('checks its options, so that a mistake does not open the whole API', async () => {
  const { handler } = await openMounts()
  for (const [options, name] of [
    [{ ownr: () => 'ann' }, 'ownr'],
    [{ owner: undefined }, 'owner'],
    [{ owner: 'ann' }, 'owner'],
    [{ path: 'ai' }, 'path'],
    [{ path: '/ai/' }, 'path'],
    [{ path: '/a b' }, 'path'],
    [{ path: '' }, 'path'],
  ] as const)
    expect(() => handler(options as never)).toThrow(expect.objectContaining({ place: { path: name } }))
})

it('says what to do with a request of Node', async () => {
  const { fetch } = await openMounts()
  await expect(fetch({ url: '/v1/runs', headers: {} } as Request)).rejects.toMatchObject({
    hint: expect.stringContaining('toNodeListener'),
  })
})

it('keeps the limits of a body, and names a body that was read before', async () => {
  const { byUser } = await openMounts({ serve: { maxBody: 1000 } })
  const handler = byUser()
  const text = 'x'.repeat(2000)
  expect(await send(handler, '/v1/runs', { body: { source: { text } }, headers: ANN })).toMatchObject({
    code: 'too_large',
  })
  // a message may bring files with it
  expect((await send(handler, talk, { body: { agent: 'clerk', text }, headers: ANN })).status).toBe(200)
  const large = { agent: 'clerk', text: 'x'.repeat(28 * 1024 * 1024) }
  expect(await send(handler, talk, { body: large, headers: ANN })).toMatchObject({ code: 'too_large' })
  const request = new Request(`https://shop.example${talk}`, { method: 'POST', body: '{}', headers: ANN })
  await request.text()
  const response = await handler(request)
  expect([response.status, await response.json()]).toMatchObject([500, { code: 'body_read' }])
})

it('answers under the path where it is mounted, and nowhere else', async () => {
  const { handler, byUser, runtime } = await openMounts({ script: [answer('Yes.')] })
  const mine = byUser('/my/ai')
  const body = { goal: 'Say yes.' }
  const started = await send(mine, '/my/ai/v1/agents/clerk/goals', { body, headers: ANN })
  const location = started.response.headers.get('location')!
  expect(location).toBe(`/my/ai/v1/goals/${started.document.id}`)
  expect((await send(mine, location, { headers: ANN })).status).toBe(200)
  for (const path of ['/v1/runs', '/my/v1/runs', '/my/ai', '/my/aiv1/runs', '/my/ai/../v1/runs', '/my/ai%2fv1/runs']) {
    const outside = await send(mine, path, { headers: ANN })
    expect([path, outside.status, outside.document.hint]).toEqual([path, 404, expect.stringContaining('whole URL')])
  }
  for (const path of ['/my/ai//v1/runs', '/my/ai/my/ai/v1/runs', '/my/ai/x/../v1//runs', '/my/ai/v1/runs/'])
    expect([path, (await send(mine, path, { headers: ANN })).status]).toEqual([path, 404])
  expect((await send(mine, '/my/ai/x/../v1/runs?limit=1', { headers: ANN })).status).toBe(200)

  const all = handler({ path: '/my/ai' })
  const unnamed = await send(byUser(), '/my/ai/v1/threads/v1/x', { headers: ANN })
  expect(unnamed.document.hint).toContain("handler({ path: '/my/ai' })")
  expect((await send(byUser(), '/v1/threads/v1/x', { headers: ANN })).document.hint).toBe(undefined)

  expect((await send(all, '/my/ai/v1/openapi.json')).document.servers).toEqual([{ url: '/my/ai/v1' }])
  const { token } = await runtime.access.keys.create({ name: 'boss', owner: 'boss', scopes: ['admin'] })
  const headers = { authorization: `Bearer ${token}` }
  await runtime.runs.start({ source: { text: GATE }, owner: 'ann', id: 'run_1' })
  const link = await send(all, '/my/ai/v1/runs/run_1/links', { body: { signal: 'ok', kind: 'approval' }, headers })
  expect(link.document.url).toMatch(/^\/my\/ai\/v1\/links\//)
  const page = await send(all, link.document.url)
  expect([page.status, page.document.text]).toEqual([200, expect.stringContaining('<form method="post">')])
})
const GATE = 'name: gate\nsteps: [{ id: ok, tool: approval-gate, parameters: { title: Sure? } }]\n'

const PARTNER = 'https://partner.example'

it('refuses changes from pages of other origins', async () => {
  const { byUser, fetch } = await openMounts({ serve: { origins: [PARTNER] } })
  const handler = byUser()
  const cases: readonly (readonly [string, { readonly [name: string]: string }])[] = [
    ['served', {}],
    ['served', { origin: 'https://shop.example' }],
    ['served', { origin: PARTNER, 'sec-fetch-site': 'cross-site' }],
    ['served', { origin: 'https://shop.example:443' }],
    ['served', { origin: 'http://shop.example', host: 'shop.example' }],
    ['served', { origin: 'https://www.shop.example', host: 'inner:3000', 'x-forwarded-host': 'www.shop.example' }],
    ['served', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
    ['served', { 'sec-fetch-site': 'none' }],
    ['refused', { origin: 'null' }],
    ['refused', { origin: '' }],
    ['refused', { origin: 'https://evil.example' }],
    ['refused', { origin: 'https://shop.example.evil.example' }],
    ['refused', { origin: 'https://evil.example', host: 'shop.example' }],
    ['refused', { origin: 'https://shop.example@evil.example' }],
    ['refused', { origin: 'https://shop.example:8443' }],
    ['refused', { origin: 'file://' }],
    ['refused', { 'sec-fetch-site': 'cross-site' }],
    ['refused', { 'sec-fetch-site': 'same-site', origin: 'https://api.shop.example' }],
    ['refused', { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example', 'sec-fetch-site': 'cross-site' }],
  ]
  for (const [expected, headers] of cases) {
    const { status, code } = await send(handler, '/v1/goals/none/pause', { body: {}, headers: { ...ANN, ...headers } })
    const found =
      code === 'wrong_origin' && status === 403 ? 'refused' : status === 404 ? 'served' : `${status} ${code}`
    expect([headers, found]).toEqual([headers, expected])
  }
  const foreign = { ...ANN, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  expect((await send(handler, '/v1/runs', { headers: foreign })).status).toBe(200)
  const preflight = await send(handler, '/v1/runs', { method: 'OPTIONS', headers: foreign })
  expect(preflight.response.headers.get('access-control-allow-origin')).toBe(null)
  // a browser sends its session to the origins that are named
  for (const [serve, credentials] of [
    [handler, 'true'],
    [fetch, null],
  ] as const) {
    const { response } = await send(serve, '/v1/runs', { method: 'OPTIONS', headers: { origin: PARTNER } })
    const names = ['access-control-allow-origin', 'access-control-allow-credentials']
    expect(names.map((name) => response.headers.get(name))).toEqual([PARTNER, credentials])
  }
})

it('limits each owner, without an address', async () => {
  const { byUser } = await openMounts({ serve: { requests: { perSecond: 1, burst: 2 } } })
  const handler = byUser()
  for (const status of [200, 200, 429]) expect((await send(handler, '/v1/runs', { headers: ANN })).status).toBe(status)
  expect((await send(handler, '/v1/runs', { headers: { user: 'bob' } })).status).toBe(200)
  for (let n = 0; n < 150; n++) expect((await send(handler, '/v1/runs')).status).toBe(401)
})

it('lets a page follow a conversation before its first message, and shows an empty history', async () => {
  const { byUser } = await openMounts()
  const handler = byUser()
  const history = await send(handler, '/v1/threads/talk/messages', { headers: ANN })
  expect(history).toMatchObject({ status: 200, document: { items: [] } })
  const { response } = await send(handler, '/v1/conversations/talk/events', { headers: ANN })
  expect(response.status).toBe(200)
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const sent = await send(handler, talk, { headers: ANN, body: hello })
  expect(sent.document).toMatchObject({ status: 'completed' })
  let read = ''
  while (!read.includes('goal-end')) read += (await reader.read()).value
  await reader.cancel()
  expect(await send(handler, '/v1/conversations/bob:talk/events', { headers: ANN })).toMatchObject({ status: 404 })
})

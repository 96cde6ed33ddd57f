import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { mcpServing } from '../../../src/config/mcp-serving.ts'
import { createMountedApps, withForwarded } from '../../../src/http/server/mounted.ts'
import { type App, defineAgent, defineTool, type RequestOwner } from '../../../src/index.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { ANN, send } from './mounts.ts'
import { makeProject, startIn } from './programs.ts'

const SUPPORT = defineAgent({ name: 'support', instructions: 'You help.', model: 'lab/one' })
const GATE = 'name: gate\nsteps: [{ id: ok, tool: approval-gate, parameters: { title: Pay? } }]\n'
const talk = '/v1/conversations/talk/messages'
const hello = { agent: 'support', text: 'Hello.', wait: true }

/** The header `user` is the session; `scopes` and `staff` are what the program knows of it. */
function ownerOf({ headers }: Request): RequestOwner {
  const user = headers.get('user')
  if (user === 'broken') throw new Error('the session cannot be read')
  if (user === 'eva') return { staff: 'eva', scopes: ['read', 'approve'], owners: ['ann'] }
  const scopes = headers.get('scopes')?.split(' ')
  return scopes ? ({ owner: user, scopes, context: { customer: 'c-42' } } as RequestOwner) : user
}

type Options = Parameters<typeof startIn>[2] & { readonly script?: Parameters<typeof startIn>[1] }

/** Two processes on one folder, each with the handlers of its server. The second one is the standby. */
async function openTwo({ script = [{ reply: 'Hello.' }], ...options }: Options = {}, serve = '') {
  const folder = await makeProject(serve)
  const parts = { agents: [SUPPORT], ...options }
  const owner = await startIn(folder, script, parts)
  const standby = await startIn(folder, [{ reply: 'I took over.' }], parts)
  expect([owner.runtime === undefined, standby.runtime === undefined]).toEqual([false, true])
  const doorsOf = (app: App) => ({ app, visit: app.handler({ owner: ownerOf, path: '/ai' }), fetch: app.fetch })
  return { folder, owner: doorsOf(owner), standby: doorsOf(standby) }
}

type Sent = Parameters<typeof send>[2]
type Door = Awaited<ReturnType<typeof openTwo>>['owner']

/** What a caller sees of an answer; ids of requests and times differ. */
async function seen(door: Door, path: string, sent: Sent) {
  const { status, document, response } = await send(door[path.startsWith('/ai/') ? 'visit' : 'fetch'], path, sent)
  const told = [...response.headers].filter(
    ([name]) => !/^(?:x-request-id|ratelimit|traceparent|date|connection|content-length)$/.test(name),
  )
  return { status, headers: Object.fromEntries(told), document: cleared(document) }
}

const cleared = (document: unknown): unknown =>
  document === undefined
    ? undefined
    : JSON.parse(JSON.stringify(document, (name, value) => (/(?:At|seconds|since)$/.test(name) ? 'a time' : value)))

it('a standby answers each request as the owner of the folder does', async () => {
  const { folder, owner, standby } = await openTwo({}, 'serve: { origins: [https://app.example], maxBody: 20000 }\n')
  const { runtime } = owner.app
  await runtime!.runs.start({ source: { text: GATE }, owner: 'ann', id: 'run_of_ann' })
  await until(async () => (await owner.app.inbox.list()).length === 1)
  expect(await seen(owner, `/ai${talk}`, { body: { ...hello, id: 'm1' }, headers: ANN })).toMatchObject({
    status: 200,
    document: { answer: 'Hello.' },
  })
  const make = async (scopes: readonly ('run' | 'read' | 'approve' | 'admin' | 'talk')[], more = {}) =>
    (await runtime!.access.keys.create({ name: 'key', owner: 'ann', scopes, ...more })).token
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  const expired = await make(['admin'], { ttl: 1 })
  const bob = (await runtime!.access.keys.create({ name: 'bob', owner: 'bob', scopes: ['run', 'read'] })).token
  const [key, admin] = [bearer(await make(['run', 'read', 'approve'])), bearer(await make(['admin']))]
  const staffKey = { name: 'desk', owner: '*', scopes: ['read', 'approve'] } as const
  const desk = bearer((await runtime!.access.keys.create(staffKey)).token)
  const all = { ...ANN, scopes: 'talk run read ask approve agents memory' }
  const chat = { id: 'talk', messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Hello.' }] }] }
  const file = join(folder, 'antiphon.yaml')
  const requests: readonly (readonly [path: string, sent: Sent, status: number])[] = [
    // visitors
    [`/ai${talk}`, { body: { ...hello, id: 'm1' }, headers: ANN }, 200],
    [`/ai${talk}`, { body: { ...hello, id: 'm1', text: 'Other.' }, headers: ANN }, 409],
    [`/ai${talk}`, { body: { ...hello, budget: 1 }, headers: ANN }, 403],
    [`/ai${talk}`, { body: { ...hello, files: [file] }, headers: all }, 403],
    [`/ai${talk}`, { body: { ...hello, agent: 'boss' }, headers: ANN }, 403],
    [
      `/ai${talk}`,
      { body: hello, headers: { ...ANN, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } },
      403,
    ],
    [`/ai${talk}`, { body: '{ no', headers: ANN }, 400],
    ['/ai/v1/runs', { body: '"x"'.padEnd(30_000), headers: all }, 413],
    [`/ai${talk}`, { body: '"x"'.padEnd(29 * 1024 * 1024), headers: ANN }, 413],
    [`/ai${talk}`, { body: 'x', headers: { ...ANN, 'content-type': 'text/plain' } }, 415],
    [`/ai${talk}/m1`, { headers: ANN }, 200],
    [`/ai${talk}/m1`, { headers: { user: 'bob' } }, 404],
    ['/ai/v1/threads', { headers: ANN }, 200],
    ['/ai/v1/threads', {}, 401],
    ['/ai/v1/threads', { headers: { user: 'broken' } }, 401],
    ['/ai/v1/threads', { headers: { user: 'local' } }, 403],
    ['/ai/v1/threads', { headers: { ...ANN, scopes: 'admin' } }, 403],
    [
      '/ai/v1/threads',
      { method: 'OPTIONS', headers: { origin: 'https://app.example', 'access-control-request-method': 'GET' } },
      204,
    ],
    ['/ai/v1/threads', { headers: { ...ANN, origin: 'https://app.example' } }, 200],
    ['/ai/v1/threads', { method: 'DELETE', headers: ANN }, 405],
    ['/ai/v1/keys', { headers: all }, 404],
    ['/ai/v1/health', {}, 404],
    ['/v1/threads', { headers: ANN }, 401],
    ['/ai/v1/agents/support/chat', { body: { ...chat, budget: 1 }, headers: ANN }, 400],
    ['/ai/v1/runs', { body: { source: { text: GATE } }, headers: ANN }, 403],
    ['/ai/v1/runs', { body: { file }, headers: all }, 403],
    ['/ai/v1/runs', { body: { source: { text: GATE }, id: 'run_2' }, headers: all }, 202],
    ['/ai/v1/runs/run_2', { headers: all }, 200],
    ['/ai/v1/runs/run_of_ann/approve', { body: {}, headers: ANN }, 403],
    ['/ai/v1/inbox', { headers: ANN }, 403],
    // staff
    ['/ai/v1/inbox', { headers: { user: 'eva' } }, 200],
    ['/ai/v1/runs/run_of_ann', { headers: { user: 'eva' } }, 200],
    ['/ai/v1/runs', { body: { source: { text: GATE } }, headers: { user: 'eva' } }, 403],
    ['/ai/v1/runs/run_of_ann/approve', { body: { id: 'yes' }, headers: { user: 'eva' } }, 200],
    // keys
    ['/v1/runs/run_of_ann', { headers: key }, 200],
    ['/v1/runs/run_of_ann', { headers: bearer(bob) }, 404],
    ['/v1/runs/run_of_ann', { headers: bearer(expired) }, 401],
    ['/v1/runs/run_of_ann', { headers: bearer('ak_wrong') }, 401],
    ['/v1/runs/run_of_ann', {}, 401],
    ['/v1/runs', { body: { file }, headers: key }, 403],
    ['/v1/backup', { body: { file: join(folder, 'b') }, headers: admin }, 403],
    ['/v1/handover', { body: { wait: 0 }, headers: admin }, 403],
    ['/v1/keys', { headers: admin }, 200],
    ['/v1/inbox', { headers: desk }, 200],
    ['/v1/links/lk_none', {}, 404],
    ['/ai/v1', { headers: ANN }, 404],
    ['/v1/openapi.json', {}, 200],
    [
      '/mcp',
      {
        body: { jsonrpc: '2.0', id: 1, method: 'ping' },
        headers: { ...key, accept: 'application/json, text/event-stream' },
      },
      200,
    ],
  ]
  for (const [path, sent, status] of requests) {
    const here = await seen(owner, path, sent)
    expect([path, here.status]).toEqual([path, status])
    expect([path, sent, await seen(standby, path, sent)]).toEqual([path, sent, here])
  }
  const audit = await owner.app.access.audit.list()
  expect(audit.filter(({ owner }) => owner === '*eva').map(({ status }) => status)).toContain(200)
  expect(audit.filter(({ owner }) => owner === 'local')).toEqual([])
})

it('work that comes through a standby is not trusted, and its tools get the context of the visitor', async () => {
  const seen: unknown[] = []
  const refund = defineTool({
    name: 'refund',
    description: 'Pays money back',
    effect: 'pure',
    input: z.object({}),
    execute: (_, { owner, context }) => seen.push([owner, context ?? null]),
  })
  const agent = defineAgent({ name: 'support', instructions: 'You help.', model: 'lab/one', tools: [refund] })
  const script = [{ calls: [{ name: 'refund', input: {} }], times: 1 }, { reply: 'Done.' }]
  const { owner, standby } = await openTwo({ agents: [agent], script })
  const rights = { ...ANN, scopes: 'talk run read ask agents' }
  const sent = await send(standby.visit, `/ai${talk}`, { body: hello, headers: rights })
  expect(sent.document).toMatchObject({ status: 'completed', answer: 'Done.' })
  expect(seen).toEqual([['ann', { customer: 'c-42' }]])
  const definition = { instructions: 'Help.', tools: [] }
  const put = { method: 'PUT', headers: rights, body: JSON.stringify({ definition }) as never }
  expect((await send(standby.visit, '/ai/v1/agents/helper', put)).status).toBe(200)
  expect(await owner.app.agents.get('helper', { owner: 'ann' })).toMatchObject({ untrusted: true })
  const text = 'name: p\nsteps: [{ id: a, tool: refund }]\n'
  const run = await send(standby.visit, '/ai/v1/runs', { body: { source: { text } }, headers: rights })
  expect([run.status, run.code]).toEqual([403, 'tool_closed'])
})

it('nothing that a visitor sends makes it the user of the data folder at the socket', async () => {
  const { standby, folder, owner } = await openTwo()
  const tricks = {
    ...ANN,
    'x-antiphon-owner': 'bob',
    'x-antiphon-peer': 'a'.repeat(64),
    'x-antiphon-forwarded': Buffer.from('{}').toString('base64url'),
    connection: 'x-antiphon-forwarded',
    authorization: 'Bearer local',
  }
  for (const path of ['/ai/v1/keys', '/ai/v1/status', '/ai/forwarded/v1/keys', '/ai/%2e%2e/v1/keys', '/ai//v1/keys'])
    expect([path, (await send(standby.visit, path, { headers: tricks })).status]).toEqual([path, 404])
  for (const path of ['/v1/keys', '/forwarded/v1/keys'])
    expect((await send(standby.fetch, path, { headers: tricks })).status).toBeGreaterThanOrEqual(401)
  expect((await send(standby.visit, '/ai/v1/threads', { headers: tricks })).document).toEqual({ items: [] })
  // the socket is of this user, and what comes in there as forwarded is never the user of the folder
  const { socket } = JSON.parse(readFileSync(join(owner.app.data, 'owner.json'), 'utf8')) as { socket: string }
  expect(statSync(socket).mode & 0o777).toBe(0o600)
  const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const whole = { url: 'http://x/v1/keys', path: '', headers: [] }
  const visitor = { owner: 'ann', scopes: ['talk'], visitor: { agents: [] } }
  const door = withForwarded(
    { fetch: () => new Response('the user of the folder') },
    createMountedApps(owner.app.runtime as ServedRuntime, { mcp: mcpServing({ folder, data: owner.app.data }) }),
  )
  const knock = async (value?: unknown) => {
    const headers = value === undefined ? undefined : { 'x-antiphon-forwarded': forged(value) }
    return (await door.fetch(new Request('http://antiphon/forwarded/v1/keys', { ...(headers && { headers }) }))).status
  }
  expect(await knock()).toBe(400)
  expect(await knock({})).toBe(400)
  expect(await knock(whole)).toBe(401)
  expect(await knock({ ...whole, caller: visitor })).toBe(404)
  for (const more of [{ local: true }, { scopes: ['admin'] }, { key: 'k' }, { offered: true }, { visitor: undefined }])
    expect(await knock({ ...whole, caller: { ...visitor, ...more } })).toBe(400)
})

it('limits and event streams of a standby count together with those of the owner', async () => {
  const limits = 'serve: { requests: { perSecond: 1, burst: 4 }, streams: 1 }\n'
  const { owner, standby } = await openTwo({}, limits)
  await send(owner.visit, `/ai${talk}`, { body: hello, headers: ANN })
  const leaving = new AbortController()
  const events = '/ai/v1/conversations/talk/events'
  const { response } = await send(standby.visit, events, { headers: ANN, signal: leaving.signal })
  const reader = response.body!.getReader()
  const text = await untilText(reader, 'ask-end')
  expect(text).toContain('event: event')
  expect((await send(owner.visit, events, { headers: ANN })).status).toBe(429)
  leaving.abort()
  await reader.read().catch(() => {})
  expect((await send(standby.visit, '/ai/v1/threads', { headers: ANN })).status).toBe(200)
  expect((await send(owner.visit, '/ai/v1/threads', { headers: ANN })).status).toBe(429)
  expect((await send(standby.visit, '/ai/v1/threads', { headers: ANN })).status).toBe(429)
  expect((await send(standby.visit, '/ai/v1/threads', { headers: { user: 'bob' } })).status).toBe(200)
})

it('health is 200 in both, and ready says whether a process may have traffic', async () => {
  const { owner, standby } = await openTwo()
  const probe = async (door: Door, name: string) => {
    const { status, document } = await send(door.fetch, `/v1/${name}`)
    return [status, document.role ?? document.code]
  }
  expect(await Promise.all([probe(owner, 'health'), probe(standby, 'health')])).toEqual([
    [200, 'owner'],
    [200, 'standby'],
  ])
  expect(await probe(owner, 'ready')).toEqual([200, 'owner'])
  expect(await probe(standby, 'ready')).toEqual([200, 'standby'])
  await standby.app.stop()
  expect(await probe(standby, 'health')).toEqual([200, 'standby'])
  expect(await probe(standby, 'ready')).toEqual([503, 'busy'])
  expect(await probe(owner, 'ready')).toEqual([200, 'owner'])
})

it('when the owner ends, the standby answers the requests that it has forwarded and can repeat', async () => {
  const held = gate()
  const { owner, standby } = await openTwo({ script: [{ gate: held.pass() }] })
  const body = { ...hello, id: 'm1' }
  const sent = send(standby.visit, `/ai${talk}`, { body, headers: ANN })
  await until(async () => (await owner.app.goals.list()).length === 1)
  const { response } = await send(standby.visit, '/ai/v1/conversations/talk/events', { headers: ANN })
  const rest = response.text()
  await owner.app.stop({ grace: 0 })
  expect((await sent).document).toMatchObject({ status: 'completed', answer: 'I took over.' })
  expect(await rest).toContain('come back, and read on')
  expect(standby.app.runtime).toBeDefined()
  const again = await send(standby.visit, `/ai${talk}`, { body, headers: ANN })
  expect(again.document).toMatchObject({ id: 'm1', answer: 'I took over.' })
  expect((await send(standby.fetch, '/v1/health')).document).toEqual({ status: 'ok', role: 'owner' })
})

it('a request without an id that the owner may have done is refused with an error to try again', async () => {
  const held = gate()
  const { owner, standby } = await openTwo({ script: [{ gate: held.pass() }] })
  const sent = send(standby.visit, `/ai${talk}`, { body: hello, headers: ANN })
  await until(async () => (await owner.app.goals.list()).length === 1)
  await owner.app.stop({ grace: 0 })
  const { status, code, response } = await sent
  // its connection or its work ends first
  expect(['owner_gone', 'stopped']).toContain(code)
  expect([status, response.headers.get('retry-after')]).toEqual([503, '1'])
})

it('a standby reads a large body only with a key that the owner knows', async () => {
  const { owner, standby } = await openTwo()
  const { token } = await owner.app.runtime!.access.keys.create({ name: 'key', owner: 'ann', scopes: ['run'] })
  let pieces = 0
  const sendLarge = async (path: string, headers: { readonly [name: string]: string }) => {
    pieces = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pieces++
          controller.enqueue(Buffer.alloc(100_000, ' '))
          if (pieces === 3) controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const type = { 'content-type': 'application/json' }
    const sent = { method: 'POST', headers: { ...type, ...headers }, body, duplex: 'half' as const }
    return (await standby.fetch(new Request(`https://shop.example${path}`, sent))).status
  }
  for (const headers of [{}, { authorization: 'Bearer al_wrong' }, { authorization: `Bearer ${token}x` }])
    expect([await sendLarge('/v1/runs', headers), pieces]).toEqual([401, 0])
  expect([await sendLarge('/v1/runs', { authorization: `Bearer ${token}` }), pieces]).toEqual([400, 3])
  // a token in the address opens it
  expect([await sendLarge('/v1/links/none', {}), pieces]).toEqual([404, 3])
})

it('the end of a standby ends its event streams with a comment, and leaves the owner alone', async () => {
  const { owner, standby } = await openTwo()
  await send(owner.visit, `/ai${talk}`, { body: hello, headers: ANN })
  const { response } = await send(standby.visit, '/ai/v1/conversations/talk/events', { headers: ANN })
  const rest = response.text()
  await standby.app.stop()
  expect(await rest).toContain('come back, and read on')
  expect((await send(standby.visit, '/ai/v1/threads', { headers: ANN })).status).toBe(503)
  expect((await send(owner.visit, '/ai/v1/threads', { headers: ANN })).status).toBe(200)
})

async function untilText(reader: ReadableStreamDefaultReader<Uint8Array>, wanted: string): Promise<string> {
  let text = ''
  while (!text.includes(wanted)) {
    const { done, value } = await reader.read()
    if (done) throw new Error(`the stream ended before ${wanted}`)
    text += new TextDecoder().decode(value)
  }
  return text
}

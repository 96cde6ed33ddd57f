import { expect, it } from 'vitest'
import type { RequestOwner } from '../../../src/http/program/handler.ts'
import { until } from '../../../src/testing/until.ts'
import { answer } from '../../agent/goal/folder.ts'
import { ANN, openMounts, send } from './mounts.ts'

const GATE =
  'name: gate\nsteps:\n  - { id: first, tool: wait-for-signal }\n  - { id: ok, tool: approval-gate, dependencies: [first], parameters: { title: Pay? } }\n'
const talk = '/v1/conversations/talk/messages'
const hello = { agent: 'clerk', text: 'Hello.', wait: true }

/** A handler whose visitors have these scopes; absent: those of a handler that says nothing. */
async function openVisitors(scopes?: readonly string[], options: Parameters<typeof openMounts>[0] = {}) {
  const mounts = await openMounts(options)
  const owner = ({ headers }: Request) => {
    const user = headers.get('user')
    return (scopes ? { owner: user, scopes } : user) as RequestOwner
  }
  return { ...mounts, visit: mounts.handler({ owner, agents: ['clerk'] }) }
}

it('a visitor may talk, and read and name its own threads', async () => {
  const { visit } = await openVisitors()
  const sent = await send(visit, talk, { body: { ...hello, id: 'm1', onBusy: 'queue' }, headers: ANN })
  expect(sent.document).toMatchObject({ answer: 'Hello.' })
  expect((await send(visit, `${talk}/m1`, { headers: ANN })).document).toMatchObject({ answer: 'Hello.' })
  const named = await send(visit, '/v1/threads/talk/name', { method: 'PUT', headers: ANN, ...json({ name: 'Lamp' }) })
  expect(named.status).toBe(200)
  expect((await send(visit, '/v1/threads', { headers: ANN })).document.items).toMatchObject([
    { id: 'talk', name: 'Lamp' },
  ])
  expect((await send(visit, '/v1/threads/talk/messages', { headers: ANN })).document.items).toHaveLength(2)
  expect((await send(visit, '/v1/conversations/talk/stop', { body: {}, headers: ANN })).status).toBe(202)
})

it('a visitor starts no pipeline, asks no model and approves nothing', async () => {
  const { visit, runtime } = await openVisitors()
  const { id } = await runtime.runs.start({ source: { text: GATE }, owner: 'ann' })
  for (const [path, body] of [
    ['/v1/runs', { source: { text: GATE } }],
    ['/v1/runs', { source: { text: 'name: g\nsteps: [{ id: a, action: generate, parameters: { prompt: Poem } }]' } }],
    ['/v1/agents/clerk/goals', { goal: 'Go.' }],
    ['/v1/threads/t/asks', { prompt: 'Why?' }],
    [`/v1/runs/${id}/approve`, {}],
    [`/v1/runs/${id}/signal`, { name: 'ok', value: 'approve' }],
    [`/v1/runs/${id}/settle`, { step: 'ok', outcome: 'done' }],
    ['/v1/inbox', undefined],
    [`/v1/runs/${id}`, undefined],
  ] as const) {
    const { status, document } = await send(visit, path, { body, headers: ANN })
    expect([path, status, document.code]).toEqual([path, 403, 'scope_missing'])
    expect(document.hint).toContain("{ owner, scopes: ['talk', '")
  }
})

it.each([
  ['budget', 1000],
  ['priority', 'high'],
  ['files', ['/etc/passwd']],
])('a visitor may not set %s of a message, with whatever scopes', async (field, value) => {
  const { visit } = await openVisitors(['talk', 'run', 'read', 'ask', 'approve', 'memory', 'agents'])
  const { status, document } = await send(visit, talk, { body: { ...hello, [field]: value }, headers: ANN })
  expect([status, document.detail]).toEqual([403, expect.any(String)])
  expect(document.code === 'local_only' || document.detail.includes(`\`${field}\``)).toBe(true)
  const chat = { id: 'talk', messages: [{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Hi.' }] }] }
  const said = await send(visit, '/v1/agents/clerk/chat', { body: { ...chat, [field]: value }, headers: ANN })
  expect(said.status).toBe(400)
})

it('a visitor names the agents that the handler offers, and those that it has put if it may', async () => {
  const { visit, runtime, write } = await openVisitors(['talk', 'run', 'read'])
  write('agents/boss.md', '---\ndescription: Decides\ntools: []\n---\nYou decide.\n')
  await runtime.agents.put('helper', { instructions: 'Help.', tools: [] }, { owner: 'ann', trusted: false })
  const chat = { id: 'talk', messages: [{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Hi.' }] }] }
  for (const agent of ['boss', 'helper', 'nobody'])
    for (const [path, body] of [
      [talk, { ...hello, agent }],
      [`/v1/agents/${agent}/chat`, chat],
      [
        `/v1/agents/${agent}/ag-ui`,
        { threadId: 'talk', runId: 'u2', messages: [{ id: 'u2', role: 'user', content: 'Hi.' }] },
      ],
      [`/v1/agents/${agent}/goals`, { goal: 'Go.' }],
      [`/v1/agents/${agent}/tools`, undefined],
    ] as const) {
      const { status, document } = await send(visit, path, { body, headers: ANN })
      expect([path, status, document.code]).toEqual([path, 403, 'not_for_visitors'])
      expect(document.hint).toContain(`agents: ['clerk', '${agent}']`)
    }
  const { visit: put } = await openVisitors(['talk', 'agents'])
  const definition = { instructions: 'Help.', tools: [] }
  const stored = await send(put, '/v1/agents/helper', { method: 'PUT', headers: ANN, ...json({ definition }) })
  expect(stored.status).toBe(200)
  expect((await send(put, talk, { body: { ...hello, agent: 'helper' }, headers: ANN })).status).toBe(200)
  expect((await send(put, talk, { body: { ...hello, agent: 'helper' }, headers: { user: 'bob' } })).status).toBe(403)
})

it('a pipeline of a visitor names only offered agents, and a fork of its run does not either', async () => {
  const { visit, runtime, write } = await openVisitors(['talk', 'run', 'read'])
  write('agents/boss.md', '---\ndescription: Decides\ntools: []\n---\nYou decide.\n')
  const textFor = (agent: string) =>
    `name: g\ninputs: { who: { type: string } }\nsteps:\n  - { id: a, tool: agent, parameters: { agent: "${agent}", goal: Go } }\n`
  const end = async (id: string) => {
    await until(async () => ['completed', 'failed'].includes((await runtime.runs.get(id)).status))
    return runtime.runs.get(id)
  }
  for (const [agent, inputs] of [
    ['boss', { who: 'x' }],
    ['{{ who }}', { who: 'boss' }],
  ] as const) {
    const body = { source: { text: textFor(agent) }, inputs }
    const { id } = (await send(visit, '/v1/runs', { body, headers: ANN })).document
    expect(await end(id)).toMatchObject({ status: 'failed', error_code: 'not_for_visitors' })
    const fork = await send(visit, `/v1/runs/${id}/fork`, { body: { at: 'a' }, headers: ANN })
    expect(await end(fork.document.id)).toMatchObject({ status: 'failed', error_code: 'not_for_visitors' })
  }
  const body = { source: { text: textFor('clerk') }, inputs: { who: 'x' } }
  const { id } = (await send(visit, '/v1/runs', { body, headers: ANN })).document
  expect(await end(id)).toMatchObject({ status: 'completed' })
})

it('the agents of the program are offered where the handler names none', async () => {
  const { handler } = await openMounts({ agents: ['clerk'] })
  const owner = () => 'ann'
  expect((await send(handler({ owner }), talk, { body: hello })).status).toBe(200)
  expect((await send(handler({ owner, agents: [] }), talk, { body: hello })).status).toBe(403)
  expect(() => handler({ owner, agents: 'clerk' as never })).toThrow(/a list of names/)
  expect(() => handler({ agents: ['clerk'] })).toThrow(/`owner` beside `agents`/)
})

it('a caller with run and without approve opens no gate, neither early nor late', async () => {
  const { visit, runtime } = await openVisitors(['talk', 'run', 'read'])
  const { id } = (await send(visit, '/v1/runs', { body: { source: { text: GATE } }, headers: ANN })).document
  const signal = (name: string, value: unknown) =>
    send(visit, `/v1/runs/${id}/signal`, { body: { name, value }, headers: ANN })
  for (const name of ['ok', 'approve_ok', 'call:ok'])
    expect(await signal(name, 'approve')).toMatchObject({ status: 403, code: 'scope_missing' })
  expect(await signal('first', 1)).toMatchObject({ status: 200 })
  await until(async () => (await runtime.inbox.list({ run: id })).some(({ kind }) => kind === 'approval'))
  for (const name of ['ok', 'approve_ok', 'call:ok'])
    expect(await signal(name, 'approve')).toMatchObject({ status: 403, code: 'scope_missing' })
  await expect.poll(async () => (await runtime.runs.get(id)).status).toBe('waiting')
})

it('a caller with approve and without read sees whole what it may answer, and nothing else', async () => {
  const { handler, runtime } = await openMounts()
  const content = { kind: 'goal', title: 'Pay?', said: [{ by: 'eva' }], letter: 'word '.repeat(6000) }
  const parameters = JSON.stringify({ title: 'Send it?', content })
  const asking = `name: p\nsteps: [{ id: ok, tool: approval-gate, parameters: ${parameters} }]`
  const held = 'name: p\nsteps: [{ id: go, tool: wait-for-signal }]'
  const start = async (text: string, owner: string) => {
    const { id } = await runtime.runs.start({ source: { text }, owner })
    await until(async () => (await runtime.inbox.list({ run: id })).length === 1)
    return id
  }
  const signal = await start(held, 'ann')
  const [first, , second] = [await start(asking, 'ann'), await start(held, 'ann'), await start(asking, 'ann')]
  const other = await start(asking, 'bob')
  const callerWith = (...scopes: readonly string[]) =>
    handler({ owner: () => ({ owner: 'ann', scopes }) as RequestOwner })
  const visit = callerWith('approve')
  const runsIn = async (path: string, by = visit) => {
    const { items, next } = (await send(by, path)).document
    return [items.map(({ run }: { run: string }) => run), next] as const
  }
  expect((await runsIn('/v1/inbox'))[0]).toEqual([first, second])
  expect((await runsIn('/v1/inbox', callerWith('run')))[0]).toMatchObject([signal, expect.any(String)])
  expect((await runsIn('/v1/inbox', callerWith('ask', 'memory')))[0]).toEqual([])
  const [page, next] = await runsIn('/v1/inbox?limit=1')
  expect([page, (await runsIn(`/v1/inbox?limit=1&after=${next}`))[0]]).toEqual([[first], [second]])
  for (const run of [signal, other]) expect((await runsIn(`/v1/inbox?run=${run}`))[0]).toEqual([])
  for (const path of [
    ...['/v1/runs', `/v1/runs/${first}`, `/v1/runs/${first}/events`, '/v1/feed?topics=inbox'],
    ...['/v1/threads', '/v1/goals', `/v1/files/file_${'0'.repeat(64)}`],
  ])
    expect([path, (await send(visit, path)).code]).toEqual([path, 'scope_missing'])

  const [item] = (await send(visit, `/v1/inbox?run=${first}&content=whole`)).document.items
  expect(item.content).toEqual(content)
  const answered = { body: { digest: item.digest } }
  expect((await send(visit, `/v1/runs/${first}/approve`, answered)).status).toBe(200)
  const staff = handler({ owner: () => ({ staff: 'eva', scopes: ['approve'], owners: ['ann', 'bob'] }) })
  expect((await runsIn('/v1/inbox', staff))[0]).toEqual([second, other])
})

it('staff see and answer for the owners that they are named for, and do nothing else', async () => {
  const { handler, runtime } = await openMounts({ script: [answer('Hello.')] })
  const startOf = async (owner: string) => {
    const { id } = await runtime.runs.start({ source: { text: GATE }, owner })
    await runtime.runs.signal(id, 'first', 1)
    await until(async () => (await runtime.inbox.list({ run: id })).some(({ kind }) => kind === 'approval'))
    return id
  }
  const [ann, bob, eve] = [await startOf('ann'), await startOf('bob'), await startOf('eve')]
  const staff = (owners: 'all' | readonly string[]) =>
    handler({ owner: () => ({ staff: 'eve', scopes: ['read', 'approve'], owners }) })
  const runsSeenBy = async (owners: 'all' | readonly string[]) => {
    const { document } = await send(staff(owners), '/v1/inbox')
    return document.items.map(({ run }: { run: string }) => run)
  }
  expect(await runsSeenBy('all')).toEqual([ann, bob, eve])
  // their own name makes them no customer
  expect(await runsSeenBy(['bob', 'ann'])).toEqual([ann, bob])
  expect(await runsSeenBy([])).toEqual([])
  const first = (await send(staff(['bob', 'ann']), '/v1/runs?limit=1')).document
  expect(first).toMatchObject({ items: [{ id: bob }], next: expect.any(String) })
  const second = await send(staff(['bob', 'ann']), `/v1/runs?limit=1&after=${first.next}`)
  expect(second.document.items).toMatchObject([{ id: ann }])

  const desk = staff(['ann'])
  expect((await send(desk, `/v1/runs/${ann}`)).status).toBe(200)
  for (const other of [bob, eve]) {
    expect((await send(desk, `/v1/runs/${other}`)).status).toBe(404)
    expect((await send(desk, `/v1/runs/${other}/approve`, { body: {} })).status).toBe(404)
    expect((await send(desk, `/v1/runs/${other}/signal`, { body: { name: 'ok', value: 'approve' } })).status).toBe(404)
  }
  for (const [path, body] of [
    ['/v1/runs', { source: { text: GATE } }],
    [talk, hello],
    [`/v1/runs/${ann}/cancel`, {}],
    [`/v1/runs/${ann}/signal`, { name: 'else', value: 1 }],
    ['/v1/threads/t/asks', { prompt: 'Why?' }],
  ] as const)
    expect(await send(desk, path, { body })).toMatchObject({ status: 403, code: 'scope_missing' })
  expect((await send(desk, `/v1/runs/${ann}/approve`, { body: {} })).status).toBe(200)
  await until(async () => (await runtime.runs.get(ann)).status === 'completed')
  await until(async () => (await runtime.access.audit.list()).some(({ target }) => target.endsWith(`${ann}/approve`)))
  expect((await runtime.access.audit.list()).find(({ target }) => target.endsWith(`${ann}/approve`))).toMatchObject({
    owner: '*eve',
    status: 200,
  })
})

it.each([
  { staff: 'eve', scopes: ['run'], owners: 'all' },
  { staff: 'eve', scopes: ['read'] },
  { staff: 'eve', scopes: ['read'], owners: ['*'] },
  { staff: 'a/b', scopes: ['read'], owners: 'all' },
  { staff: 'eve', scopes: ['read'], owners: Array.from({ length: 101 }, (_, n) => `o${n}`) },
])('refuses staff that are wrong: %j', async (found) => {
  const { handler } = await openMounts()
  const { status, code } = await send(handler({ owner: () => found as never }), '/v1/runs')
  expect([status, code]).toEqual([403, 'owner_refused'])
})

it('a key of every owner sees and answers for all, and does nothing else', async () => {
  const { fetch, runtime } = await openMounts()
  const { token } = await runtime.access.keys.create({ name: 'desk', owner: '*', scopes: ['read', 'approve'] })
  const headers = { authorization: `Bearer ${token}` }
  const { id } = await runtime.runs.start({ source: { text: GATE }, owner: 'ann' })
  await runtime.runs.signal(id, 'first', 1)
  await until(async () => (await runtime.inbox.list({ run: id })).some(({ kind }) => kind === 'approval'))
  expect((await send(fetch, '/v1/inbox', { headers })).document.items).toMatchObject([{ run: id }])
  expect((await send(fetch, '/v1/memory?limit=5', { headers })).document.items ?? []).toEqual([])
  expect(await send(fetch, '/v1/runs', { body: { source: { text: GATE } }, headers })).toMatchObject({ status: 403 })
  expect(await send(fetch, `/v1/runs/${id}/approve`, { body: {}, headers })).toMatchObject({ status: 200 })
  await until(async () => (await runtime.runs.get(id)).status === 'completed')
  const wrong = { name: 'desk', owner: '*', scopes: ['run'] } as const
  await expect(runtime.access.keys.create(wrong)).rejects.toMatchObject({ code: 'invalid_input' })
})

const json = (body: unknown) => ({ body: body as never })

it('says once which agents of a handler spend without a limit', async () => {
  const { createMounts } = await import('../../../src/http/program/handler.ts')
  const { runtime, folder } = await openMounts()
  const offered: (readonly string[])[] = []
  const onVisitors = (agents: readonly string[]) => void offered.push(agents)
  const { handler } = createMounts(
    { runtime, stop: runtime.stop },
    { folder, data: folder },
    { agents: ['clerk'], onVisitors },
  )
  handler({ path: '/all' })
  handler({ owner: () => 'ann' })
  handler({ owner: () => 'ann', agents: ['boss'] })
  expect(offered).toEqual([['clerk'], ['boss']])
})

it('a visitor sends at most 10 files and 20 MiB a message', async () => {
  const { visit, runtime } = await openVisitors()
  const add = (bytes: Uint8Array, owner = 'ann') => runtime.files.add(bytes, { name: 'a.bin', owner })
  const small = await add(Buffer.from([0, 1, 2]))
  const large = [await add(Buffer.alloc(11 * 1024 * 1024, 1)), await add(Buffer.alloc(11 * 1024 * 1024, 2))]
  const others = await add(Buffer.from([0, 1, 3]), 'bob')
  const post = (files: readonly string[]) => send(visit, talk, { body: { ...hello, files }, headers: ANN })
  const many = Array.from({ length: 11 }, () => small.file)
  for (const files of [many, large.map(({ file }) => file)])
    expect((await post(files)).document).toMatchObject({ status: 413, code: 'too_large', place: { path: 'files' } })
  expect((await post([others.file])).document).toMatchObject({ status: 404, code: 'file_not_found' })
  expect((await post([small.file])).document).toMatchObject({ status: 'completed', answer: 'Hello.' })
})

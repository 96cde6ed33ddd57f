import { expect, it } from 'vitest'
import { BusyError } from '../../src/errors.ts'
import { NDJSON } from '../../src/house/operation.ts'
import { type Client, createClient } from '../../src/http/client/client.ts'
import { ROUTES } from '../../src/http/routes/route-table.ts'
import { openApi } from '../../src/http/routing/openapi.ts'
import { createApp } from '../../src/http/server/app.ts'
import { until } from '../../src/testing/index.ts'
import { roomSamples } from '../rooms/samples.ts'
import { openFolder } from '../runtime/inspect/folder.ts'
import { collect } from './bench.ts'

/** What the document has and a program does not call, and why. */
const NOT_FOR_PROGRAMS = {
  'get /agents/{agent}/chat/{chat}/stream': 'a protocol of front ends: conversations.events does it',
  'get /links/{link}': 'a page for people, which a browser opens',
  'post /agents/{agent}/ag-ui': 'a protocol of front ends: conversations.post and events do it',
  'post /agents/{agent}/chat': 'a protocol of front ends: conversations.post and events do it',
  'post /hooks/{name}': 'its sender has a secret, and no key',
  'post /pipelines/{name}/runs': 'runs.start({ pipeline }) does it by POST /runs',
  'post /signals/{of}/{step}/{token}': 'its sender has an address, and no key',
}

/** Each method of a client, once. */
const calls = (client: Client, { signal }: AbortController): readonly (Promise<unknown> | AsyncIterable<unknown>)[] => [
  client.health(),
  client.ready(),
  client.status(),
  client.inspector.metrics(),
  client.openApi(),
  client.inspector.pools(),
  client.inspector.series({ span: 'day' }),
  client.maintenance.cache.report(),
  client.maintenance.cache.drop({ all: true }),
  client.catalogue.tools(),
  client.catalogue.tools('a/b'),
  client.catalogue.health(),
  client.catalogue.models(),
  client.catalogue.judgeModels('json'),
  client.catalogue.phases(),
  client.catalogue.selectPhases({ domain: 'general' }),
  client.handOver(1),
  client.maintenance.backup('/one'),
  client.maintenance.gc(),
  client.attend(signal),
  client.caller(),
  client.feed({ topics: 'runs' }, { signal }),
  client.pipelines.validate('/one'),
  client.pipelines.plan('/one'),
  client.runs.start({ file: '/one' }),
  client.tools.call([{ tool: 'echo' }]),
  client.goals.start({ agent: 'a/b', goal: 'Go.' }),
  client.goals.list(),
  client.goals.tools('a/b'),
  client.goals.get('a/b'),
  client.goals.round('a/b', 2),
  client.goals.events('a/b'),
  client.goals.tell('a/b', 'more'),
  client.goals.pause('a/b'),
  client.goals.resume('a/b', { more: { rounds: 1 } }),
  client.goals.fork('a/b', { at: 2 }),
  client.goals.adopt({ agent: 'a/b' }),
  client.goals.code(),
  client.goals.cancel('a/b', 'enough'),
  client.goals.rate('a/b', 'good'),
  client.runs.settle('a/b', 'c', { outcome: 'not-done' }),
  client.goals.settle('a/b', 'c', { outcome: 'not-done' }),
  ...roomSamples.flatMap((sample) => sample.calls(client)),
  client.runs.fork('a/b'),
  client.runs.replay('a/b', { id: 'c' }),
  client.inbox.approve('a/b', { action: 'reject', reason: 'no' }),
  client.runs.artifacts('a/b'),
  client.runs.step('a/b', 'c/d'),
  client.runs.source('a/b'),
  client.runs.page('a/b'),
  client.runs.whole('a/b', 'c', 'stdout'),
  client.runs.artifact('a/b', 'c'),
  client.pipelines.changes('a/b'),
  client.runs.list(),
  client.runs.counts(),
  client.runs.get('a/b'),
  client.runs.steps('a/b'),
  client.runs.events('a/b'),
  client.runs.resume('a/b'),
  client.runs.cancel('a/b', 'enough'),
  client.runs.signal('a/b', 'name', 1),
  client.inbox.list(),
  client.pipelines.put('a/b', { text: '' }),
  client.pipelines.list(),
  client.pipelines.get('a/b'),
  client.pipelines.remove('a/b'),
  client.agents.put('a/b', { instructions: 'Go.' }),
  client.agents.list(),
  client.agents.get('a/b'),
  client.agents.remove('a/b'),
  client.threads.list(),
  client.threads.get('a/b'),
  client.threads.messages('a/b', { after: 2 }),
  client.threads.name('a/b', 'x'),
  client.threads.remove('a/b'),
  client.threads.ask({ thread: 'a/b', prompt: 'Why?' }),
  client.threads.startAsk({ thread: 'a/b', id: 'a/b', prompt: 'Why?' }),
  client.threads.getAsk('a/b', 'a/b'),
  client.threads.trace('a/b'),
  client.inbox.decide('a/b', { decision: 'loop', target: 'action', prompt: 'More.' }),
  client.inbox.consent('a/b', [{ message: 1, answer: 'keep' }]),
  client.threads.resumeAsk('a/b', 'c/d'),
  client.threads.cancelAsk('a/b', 'a/b', 'enough'),
  client.threads.askEvents('a/b', 'a/b'),
  client.conversations.post({ conversation: 'ab', agent: 'a', text: 'Hello.', id: 'c' }),
  client.conversations.send({ conversation: 'ab', agent: 'a', text: 'Hello.' }, { timeout: 1 }),
  client.conversations.get('a/b', 'c'),
  client.conversations.stop('a/b', 'enough'),
  client.conversations.events('a/b'),
  client.access.links.create({ run: 'a/b', signal: 'name', kind: 'webhook' }),
  client.access.links.use('/v1/links/secret', null),
  client.access.logins.challenge({ address: '0x1' }),
  client.access.logins.open({ address: '0x1', challenge: '0'.repeat(64), signature: 'AAAA' }),
  client.inspector.actors(),
  client.inspector.actor('a/b'),
  client.inspector.tail('a/b'),
  client.inspector.why('a/b'),
  client.inspector.tree(),
  client.inspector.work(),
  client.inspector.stranded(),
  client.inspector.deadLetters.list(),
  client.inspector.deadLetters.get('a/b'),
  client.inspector.deadLetters.retry('a/b'),
  client.inspector.deadLetters.drop('a/b'),
  client.access.keys.create({ name: 'a', owner: 'a', scopes: ['read'] }),
  client.access.keys.list(),
  client.access.keys.revoke('a/b'),
  client.budgets.list(),
  client.budgets.get('a/b'),
  client.budgets.set('a/b', 1),
  client.budgets.raise('a/b', 1),
  client.budgets.remove('a/b'),
  client.budgets.cost({ by: 'agent' }),
  client.access.audit.list(),
]

/** The operations of the document, each with whether a request is one of it. */
function operations() {
  return Object.entries(openApi(ROUTES).paths ?? {}).flatMap(([path, item]) => {
    const pattern = new RegExp(`^/v1${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
    return Object.keys(item ?? {}).map((method) => ({ name: `${method} ${path}`, method, pattern }))
  })
}

type Asked = { readonly method: string; readonly path: string; readonly body: unknown }

it('can call every operation of the document, but for those that are named, with what each takes', async () => {
  const asked: Asked[] = []
  const client = createClient(async (request) => {
    const { pathname: path } = new URL(request.url)
    const text = await request.text()
    asked.push({ method: request.method.toLowerCase(), path, body: text === '' ? undefined : JSON.parse(text) })
    if (path.endsWith('/export')) return new Response('{}\n', { headers: { 'content-type': NDJSON } })
    if (!/(events|presence|feed)$/.test(path)) return Response.json({})
    return new Response('data: {}\n\n', { headers: { 'content-type': 'text/event-stream' } })
  })
  for (const call of calls(client, new AbortController())) await (Symbol.asyncIterator in call ? collect(call) : call)
  // what is more special comes first, as in the app
  const all = operations().sort((a, b) => Number(a.name.includes('{')) - Number(b.name.includes('{')))
  const calledBy = ({ method, path }: Asked) =>
    all.find((operation) => operation.method === method && operation.pattern.test(path))!.name
  for (const one of asked) {
    const { body } = ROUTES.find(({ method, path }) => `${method} ${path}` === calledBy(one))!
    if (body) expect(body.parse(one.body), calledBy(one)).toMatchObject(Object(one.body))
  }
  const called = new Set(asked.map(calledBy))
  const left = all.map(({ name }) => name).filter((name) => !called.has(name))
  expect(left.sort()).toEqual(Object.keys(NOT_FOR_PROGRAMS))
})

const GATE = `name: gate
steps:
  - { id: ok, tool: approval-gate, parameters: { title: Send it? } }
outputs: { sent: "{{ ok.result.approved }}" }
`

it('uploads a pipeline, runs it, and answers it by a link', async () => {
  const { open } = openFolder()
  const app = createApp(await open())
  const client = createClient((request) => app.fetch(request))
  const first = await client.pipelines.put('gate', { text: GATE })
  expect(first).toMatchObject({ name: 'gate', isNew: true, findings: [] })
  await client.pipelines.put('gate', { text: `${GATE}# again\n` }, { strict: true })
  expect(await client.pipelines.list({ limit: 1 })).toMatchObject([{ name: 'gate', owner: 'local' }])
  expect(await collect(client.each('pipelines'))).toHaveLength(1)
  expect((await client.pipelines.get('gate')).versions).toHaveLength(2)
  expect(await client.pipelines.get('gate', { version: first.hash })).toMatchObject({ text: GATE })
  const broken = client.pipelines.put('gate', { text: 'name: gate\nstpes: []\n' })
  await expect(broken).rejects.toMatchObject({ code: 'invalid_pipeline' })

  const { id: run } = await client.runs.start({ pipeline: 'gate' })
  await until(async () => (await client.inbox.list({ run })).length === 1)
  const [item] = await client.inbox.list({ run })
  const link = await client.access.links.create({ run, signal: item!.signal, kind: 'webhook', ttl: 60_000 })
  expect(link).toMatchObject({ run, kind: 'webhook', url: expect.stringMatching(/^\/v1\/links\/./) })
  expect(await client.access.links.use(`https://example.com${link.url}`, { approved: true })).toEqual({
    status: 'taken',
  })
  await expect(client.access.links.use(link.url, true)).rejects.toMatchObject({ code: 'link_used' })
  await collect(client.runs.events(run))
  expect(await client.runs.get(run)).toMatchObject({ status: 'completed', outputs: { sent: true } })

  await client.pipelines.remove('gate')
  await expect(client.pipelines.get('gate')).rejects.toMatchObject({ code: 'not_found' })
})

it('begins a question, reads it on its thread, and says that it is too late to call it off', async () => {
  const { open } = openFolder()
  const app = createApp(await open())
  const client = createClient((request) => app.fetch(request))
  const texts = [{ name: 'ships', text: 'The ship leaves the harbour at noon.' }]
  const question = { thread: 'ships', id: 'when', prompt: 'When does the ship leave?', texts }
  expect(await client.threads.startAsk(question)).toEqual({ id: 'when' })
  expect(await client.threads.startAsk(question)).toEqual({ id: 'when' })
  const other = { code: 'id_taken', message: 'the id when belongs to another question' }
  await expect(client.threads.startAsk({ ...question, prompt: 'Who?' })).rejects.toMatchObject(other)
  const { status } = await app.request('/v1/threads/ships/asks', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'when', prompt: 'Who?' }),
  })
  expect(status).toBe(409)
  const numbers = (await collect(client.threads.askEvents('ships', 'when'))).flatMap(({ n }) => n ?? [])
  const again = (after: number) => app.request(`/v1/threads/ships/asks/when/events?after=${after}`)
  const statuses = [0, 1, numbers.at(-1)!].map(async (after) => (await again(after)).status)
  expect(await Promise.all(statuses)).toEqual([200, 200, 204])
  const { answer } = await client.threads.getAsk('ships', 'when')
  expect(answer).toContain('noon')
  expect(await client.threads.get('ships')).toMatchObject({ asked: 1, asks: [{ id: 'when', answer }] })
  expect(await client.threads.messages('ships')).toMatchObject([{ role: 'user' }, { role: 'assistant', text: answer }])
  expect(await client.threads.messages('ships', { after: 1 })).toMatchObject([{ n: 2 }])
  expect(await client.threads.list()).toMatchObject([{ id: 'ships', status: 'completed' }])
  expect(await collect(client.each('threads', { limit: 1 }))).toHaveLength(1)
  await expect(client.threads.cancelAsk('ships', 'when', 'enough')).rejects.toMatchObject({ code: 'ask_over' })
})

it('says what the server is and can do', async () => {
  const { open } = openFolder()
  const runtime = await open()
  const app = createApp(runtime)
  const client = createClient((request) => app.fetch(request))
  await client.health()
  await client.ready()
  expect(await client.inspector.metrics()).toContain('# TYPE antiphon_')
  expect(await client.openApi()).toMatchObject({ openapi: '3.1.0' })
  expect(await client.catalogue.tools()).toContainEqual(expect.objectContaining({ name: 'wait-for-signal' }))
  expect(await client.catalogue.tools('filesystem')).toEqual(
    JSON.parse(JSON.stringify(runtime.catalogue.tools('filesystem'))),
  )
  await expect(client.catalogue.tools('none')).rejects.toMatchObject({ code: 'not_found' })
  expect(await client.catalogue.models()).toEqual(runtime.catalogue.models())
  const ending = createApp({ ...runtime, ready: () => Promise.reject(new BusyError('It is about to end.')) })
  const other = createClient((request) => ending.fetch(request))
  await expect(other.ready()).rejects.toMatchObject({ code: 'busy' })
})

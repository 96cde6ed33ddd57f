import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { allows, KEY_SCOPES, type KeyScope, scopesIn } from '../../../src/house/scope.ts'
import { createMounts, type FetchHandler } from '../../../src/http/program/handler.ts'
import { ROUTES } from '../../../src/http/routes/route-table.ts'
import type { Route } from '../../../src/http/routing/route.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { identifyByKey } from '../../../src/http/server/authenticate.ts'
import { mayReadOf } from '../../../src/http/stream/response.ts'
import { createRuntime, type ServedRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'
import { until } from '../../../src/testing/index.ts'
import { bodiesAround, roomSamples } from '../../rooms/samples.ts'
import { NEEDED_SCOPES } from './needed-scopes.ts'

// every route as it is asked by nobody, by a wrong, an expired, a revoked key, without the scope, as another owner, and rightly

const GATE = 'name: gate\nsteps:\n  - { id: ok, tool: approval-gate, parameters: { title: Send it? } }\n'
/** What is Ann's, or is not there. */
const NAMES: { readonly [parameter: string]: string } = {
  run: 'run_of_ann',
  goal: 'goal_of_ann',
  round: '1',
  agent: 'clerk',
  thread: 'ann:thread-of-ann',
  conversation: 'ann:thread-of-ann',
  chat: 'ann:thread-of-ann',
  message: 'ask-of-ann',
  ask: 'ask-of-ann',
  name: 'gate',
  ref: 'run/run_of_ann',
  step: 'ok',
  letter: 'none',
  key: 'none',
  link: 'none',
  tool: 'filesystem',
  scope: 'run/run_of_ann',
  op: 'citation:gate:record',
  prior: 'gate',
  file: 'file_44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
}
const SAID = { type: 'text', text: 'Hello.' }
/** What a route takes, where nothing at all is not enough. */
const BODIES: { readonly [route: string]: object } = {
  'post /runs': { source: { name: 'gate', text: GATE } },
  'post /runs/{run}/signal': { name: 'later', value: 1 },
  'post /runs/{run}/settle': { step: 'a', outcome: 'done' },
  'put /agents/{name}': { definition: { instructions: 'Go.' } },
  'post /agents/{agent}/goals': { goal: 'Go.' },
  'post /goals/{goal}/tell': { text: 'More.' },
  'post /goals/{goal}/settle': { call: 'call_1', outcome: 'done' },
  'post /goals/{goal}/rate': { rating: 'good' },
  'post /code/adopt': {},
  'post /runs/{run}/links': { signal: 'later', kind: 'webhook' },
  'post /threads/{thread}/asks': { prompt: 'When does the ship leave?' },
  'post /conversations/{conversation}/messages': { agent: 'clerk', text: 'Hello.' },
  'post /agents/{agent}/chat': { id: 'ann:thread-of-ann', messages: [{ id: 'u1', role: 'user', parts: [SAID] }] },
  'post /agents/{agent}/ag-ui': {
    threadId: 'ann:thread-of-ann',
    runId: 'u2',
    messages: [{ id: 'u2', role: 'user', content: [SAID] }],
  },
  'post /asks/{ask}/decision': { decision: 'accept' },
  'post /asks/{ask}/consent': { message: 1, answer: 'keep' },
  ...bodiesAround({ run: 'run_of_ann' }),
  'put /threads/{thread}/asks/{ask}': { prompt: 'When does the ship leave?' },
  'put /threads/{thread}/name': { name: 'Letters' },
  'put /pipelines/{name}': { text: GATE },
  'post /pipelines/validate': { source: { name: 'gate', text: GATE } },
  'post /pipelines/plan': { source: { name: 'gate', text: GATE } },
  'post /budgets/{scope}/set': { limit: 5 },
  'post /budgets/{scope}/raise': { limit: 6 },
  'post /cache/drop': { all: true },
  'post /keys': { name: 'more', owner: 'ann', scopes: ['read'] },
}

let folder: string
let runtime: ServedRuntime
let app: ReturnType<typeof createApp>
let visitors: FetchHandler
let tokens: { readonly [who: string]: string }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-doors-'))
  const file = join(folder, 'gate.yaml')
  const notes = join(folder, 'notes.md')
  await writeFile(file, GATE)
  await mkdir(join(folder, 'agents'))
  await writeFile(join(folder, 'agents/clerk.md'), '---\ndescription: Keeps notes\ntools: []\n---\nKeep notes.\n')
  await writeFile(notes, 'The ship leaves the harbour at noon.\n')
  const config = await loadConfig({ folder, environment: {} })
  runtime = await createRuntime({ ...config, embedder: 'none', ledger: {} })
  await runtime.runs.start({ file, owner: 'ann', id: 'run_of_ann' })
  await runtime.goals.start({ agent: 'clerk', goal: 'Go.', owner: 'ann', id: 'goal_of_ann' })
  await runtime.budgets.set('run/run_of_ann', 5)
  await runtime.pipelines.put('gate', { text: GATE }, { owner: 'ann' })
  await runtime.agents.put('gate', { instructions: 'Go.' }, { owner: 'ann' })
  for (const { prepare } of roomSamples) await prepare?.(runtime)
  const prompt = 'When does the ship leave?'
  await runtime.threads.ask({ thread: 'thread-of-ann', id: 'ask-of-ann', owner: 'ann', prompt, files: [notes] })
  await until(async () => (await runtime.inbox.list()).length === 1)
  tokens = await makeTokens()
  // time enough between two requests that no rate is ever passed
  let time = 0
  visitors = createMounts({ runtime, stop: runtime.stop }, config, { clock: simulatedClock() }).handler({
    agents: ['clerk'],
    owner: ({ headers }) => ({
      owner: headers.get('user') ?? '',
      scopes: (headers.get('scopes') ?? 'talk').split(' ') as 'talk'[],
    }),
  })
  app = createApp(runtime, { identify: identifyByKey(runtime.access), now: () => (time += 60_000) })
  // recipes run these tests beside other long ones
}, 120_000)
afterAll(async () => {
  await runtime.stop({ grace: 0 })
  await rm(folder, { recursive: true, force: true })
})

async function makeTokens() {
  const make = async (owner: string, scopes: readonly KeyScope[], more = {}) =>
    runtime.access.keys.create({ name: owner, owner, scopes, ...more })
  const revoked = await make('ann', ['admin'])
  await runtime.access.keys.revoke(revoked.id)
  const expired = await make('ann', ['admin'], { ttl: 1 })
  await until(async () => Date.now() > expired.createdAt + 5)
  const single = await Promise.all(
    KEY_SCOPES.map(async (scope) => [`ann ${scope}`, (await make('ann', [scope])).token]),
  )
  return {
    wrong: `${expired.token.slice(0, -4)}AAAA`,
    expired: expired.token,
    revoked: revoked.token,
    bob: (await make('bob', ['read', 'run', 'approve', 'ask', 'agents'])).token,
    ...Object.fromEntries(single),
  }
}

type Answered = { readonly status: number; readonly code?: string; readonly hint?: string }

const ask = (route: Route, who?: string) =>
  answered(app.fetch(requestFor(route, who === undefined ? {} : { authorization: `Bearer ${tokens[who]}` })))

/** Asks a route as a visitor of the handler. */
const visit = (route: Route, user?: string, scopes?: string) =>
  answered(visitors(requestFor(route, { ...(user && { user }), ...(scopes && { scopes }) })))

function requestFor({ method, path }: Route, headers: { readonly [name: string]: string }): Request {
  const place = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(NAMES[name]!))
  // requests are for an admin alone
  const target = path === '/audit' ? `${place}?of=acts` : place
  const body = BODIES[`${method} ${path}`] ?? {}
  return new Request(`https://shop.example/v1${target}`, {
    method: method.toUpperCase(),
    headers: { 'content-type': 'application/json', ...headers },
    ...(method !== 'get' && { body: JSON.stringify(body) }),
  })
}

async function answered(asked: Response | Promise<Response>): Promise<Answered> {
  const response = await asked
  const { status } = response
  if (status < 400) {
    await response.body?.cancel()
    return { status }
  }
  return { status, ...((await response.json()) as { code: string }) }
}

const guarded = ROUTES.filter(({ scope }) => scope !== null).map(
  (route) => [`${route.method} ${route.path}`, route] as const,
)
/** Each owner has such names of their own: another owner makes another thing. */
const MAKES_OWN = new Set([
  'put /pipelines/{name}',
  'put /agents/{name}',
  ...roomSamples.flatMap(({ makesOwn = [] }) => makesOwn),
])
const OWNED = /\{(run|goal|thread|conversation|ask|name|scope|ref|file)\}/

const NOT_FOUND = expect.stringMatching(/^(?:file_)?not_found$/)

/** Whether that scope lets in only with an answer, which the walk does not send. */
const isForAnswers = (name: string, scope: KeyScope) => name === 'post /runs/{run}/signal' && scope === 'approve'

describe.each(guarded)('%s', (name, route) => {
  const scope = route.scope!

  it('lets nobody in without a key, or by one that is wrong, expired or revoked', async () => {
    for (const who of [undefined, 'wrong', 'expired', 'revoked'])
      expect([who, await ask(route, who)]).toMatchObject([who, { status: 401, code: 'unauthenticated' }])
  })

  it('needs more than each scope that does not open it', async () => {
    for (const other of KEY_SCOPES.filter((one) => !allows([one], scope)))
      expect([other, await ask(route, `ann ${other}`)]).toMatchObject([other, { status: 403, code: 'scope_missing' }])
  })

  it.runIf(OWNED.test(route.path) && !MAKES_OWN.has(name))('is not there for another owner', async () => {
    expect(await ask(route, 'bob')).toMatchObject({ status: 404, code: NOT_FOUND })
  })

  it.runIf(route.local)('is for the user of the folder alone', async () => {
    expect(await ask(route, 'ann admin')).toMatchObject({ status: 403, code: 'local_only' })
  })

  it.runIf(!route.local)('lets in who may', async () => {
    for (const one of scopesIn(scope).filter((named) => !isForAnswers(name, named))) {
      const { status } = await ask(route, `ann ${one}`)
      expect([one, status < 500 && status !== 401 && status !== 403]).toEqual([one, true])
    }
  })
})

/** The parts of the API that a handler for visitors serves. */
const FOR_VISITORS =
  /^(?:(agents|goals|conversations|runs|inbox|threads|files)\.|(feed|caller|inspector.why|inspector.work|access.audit.list)$)/
// `audit` is for staff and an admin
const VISITOR_SCOPES = KEY_SCOPES.filter((scope) => scope !== 'admin' && scope !== 'audit')

describe.each(ROUTES.map((route) => [route.name, route] as const))('a visitor at %s', (name, route) => {
  const isServed = FOR_VISITORS.test(name)

  it('finds the scopes of the row as the table has them', () => {
    const needed = Object.assign({}, NEEDED_SCOPES, ...roomSamples.map(({ scopes }) => scopes))
    expect(needed).toHaveProperty([name], route.scope === null ? 'open' : scopesIn(route.scope).join(' '))
  })

  it('is nobody without a session', async () => {
    expect(await visit(route)).toMatchObject(isServed ? { status: 401 } : { status: 404 })
  })

  it('may do with each scope what that opens, and nothing else', async () => {
    for (const scope of VISITOR_SCOPES) {
      const found = await visit(route, 'ann', scope)
      expect([scope, found]).toMatchObject([scope, expectedOf(scope)])
      expect([scope, found.status < 500]).toEqual([scope, true])
    }
  })

  function expectedOf(scope: KeyScope) {
    if (!isServed) return { status: 404 }
    if (isForAnswers(`${route.method} ${route.path}`, scope)) return { status: 403 }
    if (allows([scope], route.scope!)) return { status: expect.not.toBeOneOf([401, 403]) }
    const [first] = scopesIn(route.scope!)
    const hint = expect.stringContaining(first === 'audit' ? 'Staff' : `{ owner, scopes: ['talk', '${first}'] }`)
    return { status: 403, code: 'scope_missing', hint }
  }

  it.runIf(isServed && OWNED.test(route.path) && !MAKES_OWN.has(`${route.method} ${route.path}`))(
    'sees nothing of another owner',
    async () => {
      expect(await visit(route, 'bob', VISITOR_SCOPES.join(' '))).toMatchObject({ status: 404, code: NOT_FOUND })
    },
  )
})

it('an event stream is followed no longer than its key lets in', async () => {
  const { id, token } = await runtime.access.keys.create({ name: 'ann', owner: 'ann', scopes: ['read'] })
  const headers = { authorization: `Bearer ${token}` }
  const response = await app.request('/v1/runs/run_of_ann/events', { headers })
  const mayRead = mayReadOf(response)!
  expect(await mayRead()).toBe(true)
  await runtime.access.keys.revoke(id)
  expect(await mayRead()).toBe(false)
  await response.body!.cancel()
})

it('knows every route that needs a key, and the few that do not', () => {
  const open = ROUTES.filter(({ scope }) => scope === null).map(({ method, path }) => `${method} ${path}`)
  expect(open).toEqual([
    'post /hooks/{name}',
    'post /signals/{of}/{step}/{token}',
    'get /links/{link}',
    'post /links/{link}',
    'post /login/challenge',
    'post /login',
    'get /health',
    'get /ready',
    'get /openapi.json',
  ])
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { problemOf } from '../../../src/errors.ts'
import type { KeyScope } from '../../../src/house/scope.ts'
import { type Caller, LOCAL } from '../../../src/http/authorize/caller.ts'
import { type ScopedRuntime, scopedRuntime } from '../../../src/http/authorize/scoped-runtime.ts'
import { createClient } from '../../../src/http/client/client.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { createRuntime, type ServedRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { until } from '../../../src/testing/index.ts'
import { workOfMessage } from '../../../src/thread/protocol/ask-state.ts'
import { collect } from '../bench.ts'

const GATE = 'name: gate\nsteps:\n  - { id: ok, tool: approval-gate, parameters: { title: Send it? } }\n'

let folder: string
let file: string
let notes: string
let runtime: ServedRuntime

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-owned-'))
  file = join(folder, 'gate.yaml')
  await writeFile(file, GATE)
  notes = join(folder, 'notes.md')
  await writeFile(notes, 'The ship leaves the harbour at noon.\n')
  const config = await loadConfig({ folder, environment: {} })
  runtime = await createRuntime({ ...config, embedder: 'none' })
  for (const owner of ['ann', 'bob']) {
    await runtime.runs.start({ file, owner, id: `run_of_${owner}` })
    await runtime.threads.ask({
      thread: `thread-of-${owner}`,
      id: `ask-of-${owner}`,
      owner,
      prompt: 'When does the ship leave?',
      files: [notes],
    })
  }
  await until(async () => (await runtime.inbox.list()).length === 2)
})
afterAll(async () => {
  await runtime.stop()
  await rm(folder, { recursive: true, force: true })
})

function callerOf(owner: string, ...scopes: readonly KeyScope[]): Caller {
  return { owner, key: 'k1', scopes, local: false }
}
const viewOf = (caller: Caller) => scopedRuntime(runtime, caller)
const ann = () => viewOf(callerOf('ann', 'read', 'run', 'ask'))
const admin = () => viewOf(callerOf('boss', 'admin'))

/** An item of each kind. */
const ITEMS = [
  ...['prompt', 'approval', 'feedback', 'unknown', 'signal'].map((kind) => stepItem(kind)),
  { ...stepItem('money', 'money'), signal: 'budget:run/run_1' },
  { ...stepItem('money', 'money'), signal: 'budget:owner-day/ann', id: 'owner-money' },
  ...['provider', 'code'].map((kind) => stepItem(kind, 'nothing')),
  { id: 'goal', kind: 'goal', goal: 'goal_1', expects: { type: 'resume' } },
  { id: 'decision', kind: 'decision', thread: 't', expects: { type: 'decision' } },
  { id: 'consent', kind: 'consent', thread: 't', expects: { type: 'consent' } },
  { id: 'ask-money', kind: 'money', thread: 't', signal: 'budget:thread/t', expects: { type: 'money' } },
  { id: 'fact', kind: 'fact', record: 'rec_1', expects: { type: 'proposal' } },
].map((item) => ({ owner: 'ann', since: 1, ...item }))

function stepItem(kind: string, type = 'approval') {
  return { id: kind, kind, run: 'run_1', step: 'a', signal: 'a', expects: { type } }
}

async function first<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item
  return undefined
}
const NOW = AbortSignal.abort()

const ON_RUNS: { readonly [name: string]: (view: ScopedRuntime, run: string) => Promise<unknown> } = {
  check: (view, run) => view.runs.check(run),
  get: (view, run) => view.runs.get(run),
  events: (view, run) => first(view.runs.events(run)),
  runEnded: (view, run) => view.serving.runEnded(run, 1),
  deltas: (view, run) => first(view.runs.deltas(run, NOW)),
  source: (view, run) => view.runs.source(run),
  page: (view, run) => view.runs.page(run),
  changes: (view, run) => view.pipelines.changes(run),
  fork: (view, run) => view.runs.fork(run),
  resume: (view, run) => view.runs.resume(run),
  signal: (view, run) => view.runs.signal(run, 'later', 1),
  'links.create': (view, run) => view.access.links.create({ run, signal: 'later', kind: 'webhook', ttl: 1000 }),
  cancel: (view, run) => view.runs.cancel(run, 'not mine'),
}
const ON_THREADS: { readonly [name: string]: (view: ScopedRuntime, thread: string, ask: string) => Promise<unknown> } =
  {
    get: (view, thread) => view.threads.get(thread),
    getAsk: (view, thread, ask) => view.threads.getAsk(thread, ask),
    cancelAsk: (view, thread, ask) => view.threads.cancelAsk(thread, ask, 'not mine'),
    findAsk: (view, thread, ask) => view.threads.findAsk(thread, ask),
    askEvents: (view, thread, ask) => first(view.threads.askEvents(thread, ask)),
    askEnded: (view, thread, ask) => view.serving.askEnded(thread, ask, 1),
    askDeltas: (view, thread, ask) => first(view.threads.askDeltas(thread, ask, NOW)),
  }

const ON_ASKS: { readonly [name: string]: (view: ScopedRuntime, ask: string) => Promise<unknown> } = {
  decide: (view, ask) => view.inbox.decide(ask, { decision: 'yield' }),
  consent: (view, ask) => view.inbox.consent(ask, [{ message: 1, answer: 'keep' }]),
}

const problemFrom = (asked: Promise<unknown>) => asked.then(() => undefined, problemOf)

it('lets a key name tools of an ask only with the scope run', async () => {
  const question = { thread: 'calls', prompt: 'When does the ship leave?', tools: ['echo'], texts: [SHIP] }
  const plain = viewOf(callerOf('ann', 'ask'))
  await expect(plain.threads.ask(question)).rejects.toMatchObject({ code: 'scope_missing' })
  expect((await plain.threads.ask({ ...question, tools: [] })).degraded).toEqual([])
  const { degraded } = await viewOf(callerOf('ann', 'ask', 'run')).threads.ask(question)
  expect(degraded).toMatchObject([{ phase: 'action', reason: expect.stringContaining('Action called no tool') }])
})

const SHIP = { name: 'ship.md', text: 'The ship leaves the harbour at noon.' }

it('lets a key change the memory of its owner by an ask only with the scope memory', async () => {
  const question = { thread: 'recall', prompt: 'When does the ship leave?' }
  await runtime.memory('ann').add([{ id: 'ship', text: 'The ship leaves the harbour at noon.' }])
  const [plain, writer, bob] = [ann(), viewOf(callerOf('ann', 'ask', 'memory')), viewOf(callerOf('bob', 'ask'))]
  const remember = { remember: true }
  await expect(plain.threads.ask({ ...question, memory: remember })).rejects.toMatchObject({ code: 'scope_missing' })
  expect((await plain.threads.ask(question)).citations).toMatchObject([{ record: 'ship' }])
  expect(await runtime.memory('ann').list({ kind: 'ask' })).toEqual([])
  await writer.threads.ask({ ...question, memory: remember })
  expect(await runtime.memory('ann').list({ kind: 'ask' })).toHaveLength(1)
  await expect(bob.threads.ask({ ...question, thread: 'own' })).rejects.toMatchObject({ code: 'refused' })
})

describe('work of another owner', () => {
  it.each(Object.entries(ON_RUNS))('is not found by %s', async (_, act) => {
    const [other, none] = [await problemFrom(act(ann(), 'run_of_bob')), await problemFrom(act(ann(), 'run_of_bos'))]
    expect(other).toMatchObject({ name: 'NotFoundError', code: 'not_found', message: 'There is no run run_of_bob.' })
    expect(JSON.stringify(other).replaceAll('run_of_bob', '…')).toBe(JSON.stringify(none).replaceAll('run_of_bos', '…'))
    expect(other?.hint).not.toContain('bob')
    expect((await runtime.runs.get('run_of_bob')).status).toBe('waiting')
  })

  it.each(Object.entries(ON_THREADS))('is not found by %s', async (_, act) => {
    const other = await problemFrom(act(ann(), 'thread-of-bob', 'ask-of-bob'))
    const none = await problemFrom(act(ann(), 'thread-of-boc', 'ask-of-bob'))
    expect(other).toMatchObject({ name: 'NotFoundError', message: 'There is no thread thread-of-bob.' })
    expect(JSON.stringify(other).replace('bob', '…')).toBe(JSON.stringify(none).replace('boc', '…'))
  })

  it('has no messages, as a thread on which nothing was said', async () => {
    expect(await ann().threads.messages('thread-of-bob')).toEqual(await ann().threads.messages('thread-of-boc'))
    await expect(ann().threads.messages('bob:thread-of-bob')).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  it.each(Object.entries(ON_ASKS))('is not found by %s', async (_, act) => {
    const other = await problemFrom(act(ann(), 'ask-of-bob'))
    const none = await problemFrom(act(ann(), 'ask-of-boc'))
    expect(other).toMatchObject({ name: 'NotFoundError', message: 'There is no ask ask-of-bob.' })
    expect(JSON.stringify(other).replace('bob', '…')).toBe(JSON.stringify(none).replace('boc', '…'))
    await expect(act(viewOf(callerOf('bob', 'ask')), 'ask-of-boc')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is not asked on, nor begun again under its id', async () => {
    await expect(ann().threads.ask({ thread: 'bob:later', prompt: 'Mine?' })).rejects.toMatchObject({
      code: 'not_found',
    })
    const own = scopedRuntime(runtime, { ...callerOf('ann', 'run'), local: true })
    await expect(own.runs.start({ file, id: 'run_of_bob' })).rejects.toMatchObject({ code: 'id_taken' })
    await expect(own.runs.start({ file, reuse: 'run_of_bob' })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('has ids that nobody else can give: the error says only that they are taken', async () => {
    const own = scopedRuntime(runtime, { ...callerOf('ann', 'run', 'ask', 'read'), local: true })
    const bob = viewOf(callerOf('bob', 'read', 'run', 'ask'))
    const standing = async () => [
      await bob.runs.get('run_of_bob'),
      await bob.threads.get('thread-of-bob'),
      await collect(bob.threads.askEvents('thread-of-bob', 'ask-of-bob')),
      await runtime.budgets.list(),
    ]
    const before = await standing()
    const [prompt, thread, budget] = ['Mine?', 'of-ann-alone', 1]
    const texts = [{ name: 'tides.md', text: 'The tide is the rise and fall of the sea.' }]
    for (const act of [
      () => own.runs.start({ file, id: 'run_of_bob', budget }),
      () => own.runs.start({ file, id: 'ask-of-bob', budget }),
      () => own.runs.fork('run_of_ann', { id: 'run_of_bob', budget }),
      () => own.threads.ask({ thread, prompt, texts, id: 'ask-of-bob' }),
      () => own.threads.ask({ thread, prompt, texts, id: 'run_of_bob', budget }),
      () => own.threads.startAsk({ thread, prompt, texts, id: 'ask-of-bob', budget }),
    ]) {
      const problem = await problemFrom(act())
      expect(problem).toMatchObject({ code: 'id_taken', hint: 'Use another id.' })
      expect(problem!.message).toMatch(/^the id (run_of_bob|ask-of-bob) is taken$/)
    }
    expect(await standing()).toEqual(before)
    await expect(own.threads.get(thread)).rejects.toMatchObject({ code: 'not_found' })
    await expect(own.threads.getAsk('thread-of-ann', 'ask-of-bob')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is in no list, whatever is asked for', async () => {
    const owners = (items: readonly { readonly owner: string }[]) => [...new Set(items.map(({ owner }) => owner))]
    for (const query of [{}, { owner: 'bob' }]) {
      const seen = 'owner' in query ? [] : ['ann']
      expect(owners(await ann().runs.list(query))).toEqual(seen)
      expect(owners((await ann().inbox.list({ ...query, limit: 10 })).items)).toEqual(seen)
      expect(owners((await ann().threads.list({ ...query, limit: 10 })).items)).toEqual(['ann'])
    }
    for (const within of [{ run: 'run_of_bob' }, { goal: 'run_of_bob' }, { thread: 'thread-of-bob' }])
      expect(await ann().inbox.list({ ...within, limit: 10 })).toEqual({ items: [] })
    await expect(ann().inbox.list({ thread: 'bob:thread-of-bob', limit: 10 })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(owners(await admin().runs.list())).toContain('bob')
    expect(owners(await admin().runs.list({ owner: 'ann' }))).toEqual(['ann'])
    const waiting = async (view: ScopedRuntime, owner: string) => (await view.runs.counts({ owner })).waiting
    expect([await waiting(admin(), 'bob'), await waiting(ann(), 'ann'), await waiting(ann(), 'bob')]).toEqual([1, 1, 0])
  })

  it.each<[scopes: readonly KeyScope[], ids: readonly string[], more?: Partial<Caller>]>([
    [['approve'], ['prompt', 'approval', 'feedback', 'unknown']],
    [['run'], ['signal', 'money', 'goal', 'ask-money']],
    [['ask'], ['decision', 'consent']],
    [['memory'], ['fact']],
    [['talk', 'agents'], []],
    [['read'], ITEMS.map(({ id }) => id)],
    [['admin'], ITEMS.map(({ id }) => id)],
    // a handler has no routes for budgets and facts
    [['run', 'memory'], ['signal', 'goal'], { visitor: { agents: [] } }],
  ])('is an item of the inbox for %j only if that answers it', async (scopes, ids, more = {}) => {
    const list = async () => ITEMS
    const items = { ...runtime, inbox: { ...runtime.inbox, list } } as unknown as ServedRuntime
    const view = scopedRuntime(items, { ...callerOf('ann', ...scopes), ...more })
    const listed = (await view.inbox.list({ limit: 100 })).items as readonly object[]
    expect(listed.map((item) => (item as { readonly id: string }).id)).toEqual(ids)
  })

  it('tells nothing of what models write, by an id on a thread of the own', async () => {
    const talking = { ...runtime, inspector: { ...runtime.inspector, deltas: () => written() } }
    const view = scopedRuntime(talking, callerOf('ann', 'read'))
    const leaving = new AbortController()
    const other = first(view.threads.askDeltas('thread-of-ann', 'ask-of-bob', leaving.signal))
    expect(await first(view.threads.askDeltas('thread-of-ann', 'ask-of-ann', leaving.signal))).toBe('written')
    leaving.abort()
    expect(await other).toBeUndefined()
  })

  it('tells nothing of what models write, by the id of a message, which a question of another owner may have', async () => {
    const askEvents = async function* () {
      yield { n: 1, correlationId: workOfMessage('thread-of-ann', 'ask-of-bob'), body: {}, at: 0 }
    }
    const talking = {
      ...runtime,
      threads: { ...runtime.threads, askEvents },
      inspector: { ...runtime.inspector, deltas: () => written() },
    }
    for (const caller of [callerOf('ann', 'read'), callerOf('boss', 'admin')]) {
      const view = scopedRuntime(talking as typeof runtime, caller)
      expect(await first(view.threads.askDeltas('ann:thread-of-ann', 'ask-of-bob', NOW))).toBeUndefined()
    }
  })
})

async function* written() {
  yield 'written'
}

describe('work that begins', () => {
  it("is the caller's own, whatever is asked for", async () => {
    const view = scopedRuntime(runtime, { ...callerOf('ann', 'run'), local: true })
    const { id } = await view.runs.start({ file, owner: 'bob' })
    expect(await runtime.serving.ownerOfRun(id)).toBe('ann')
    const { id: forked } = await view.runs.fork(id, { owner: 'bob' })
    expect(await runtime.serving.ownerOfRun(forked)).toBe('ann')
    await view.threads.ask({ thread: 'new', prompt: 'When does the ship leave?', files: [notes], owner: 'bob' })
    expect(await runtime.serving.ownerOfThread('ann:new')).toBe('ann')
    expect(
      await view.access.links.create({ run: id, signal: 'go', kind: 'webhook', ttl: 1000, owner: 'bob' }),
    ).toMatchObject({
      owner: 'ann',
    })
  })

  it('asks once whose the thread of a question is', async () => {
    const asked: string[] = []
    const counting = {
      ...runtime,
      threads: { ...runtime.threads, startAsk: async () => ({ id: 'ask' }) },
      serving: {
        ...runtime.serving,
        ownerOfThread: (thread: string) => {
          asked.push(thread)
          return runtime.serving.ownerOfThread(thread)
        },
      },
    }
    const view = scopedRuntime(counting, callerOf('ann', 'run'))
    await view.threads.startAsk({ thread: 'thread-of-ann', prompt: 'When?' })
    expect(asked).toEqual(['ann:thread-of-ann', 'thread-of-ann'])
    await view.threads.startAsk({ thread: 'new', prompt: 'When?' })
    expect(asked.slice(2)).toEqual(['ann:new'])
    await expect(view.threads.startAsk({ thread: 'bob:new', prompt: 'When?' })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(asked).toHaveLength(3)
  })

  it('belongs to the owner for whom an admin begins it', async () => {
    const { id } = await scopedRuntime(runtime, LOCAL).runs.fork('run_of_bob')
    expect(await runtime.serving.ownerOfRun(id)).toBe('bob')
    await scopedRuntime(runtime, LOCAL).threads.ask({
      thread: 'thread-of-bob',
      prompt: 'When does the ship leave?',
      files: [notes],
    })
    expect(await runtime.serving.ownerOfThread('thread-of-bob')).toBe('bob')
  })
})

describe('a pipeline that is uploaded', () => {
  it("is the caller's own, whatever is asked for, and another's is told as what never was", async () => {
    const bob = viewOf(callerOf('bob', 'run'))
    await bob.pipelines.put('gate', { text: GATE }, { owner: 'ann' })
    expect((await bob.pipelines.get('gate')).owner).toBe('bob')
    expect(await ann().pipelines.list({ owner: 'bob' })).toEqual([])
    const acts: readonly ((view: ScopedRuntime, name: string) => Promise<unknown>)[] = [
      (view, name) => view.pipelines.get(name, { owner: 'bob' }),
      (view, name) => view.pipelines.remove(name, { owner: 'bob' }),
      (view, name) => view.runs.start({ pipeline: name, owner: 'bob' }),
      (view, name) => view.pipelines.validate({ pipeline: name }),
    ]
    for (const act of acts) {
      const [other, none] = [await problemFrom(act(ann(), 'gate')), await problemFrom(act(ann(), 'gale'))]
      expect(other).toMatchObject({ name: 'NotFoundError', message: 'There is no pipeline gate.' })
      expect(JSON.stringify(other)).toBe(JSON.stringify(none).replace('gale', 'gate'))
    }
    expect((await admin().pipelines.list()).map(({ owner }) => owner)).toEqual(['bob'])
  })
})

it('work begun over the network reaches nothing of this machine', async () => {
  const text = `name: p\ninputs: { p: { type: file } }\nsteps: [{ id: a, tool: filesystem, action: read, parameters: { path: '{{ p }}' } }]`
  const { id } = await ann().runs.start({ source: { text }, inputs: { p: notes }, trusted: true })
  const { id: forked } = await ann().runs.fork(id, { set: { p: notes }, trusted: true })
  const ended = async (run: string) => !/running|waiting/.test((await runtime.runs.get(run)).status)
  for (const run of [id, forked]) {
    await until(() => ended(run))
    expect((await runtime.runs.get(run)).steps.a).toMatchObject({
      error: expect.stringContaining('lies outside'),
      error_hint: expect.stringContaining('only if nothing of antiphon lies in it'),
    })
  }
})

describe('files of this machine', () => {
  it.each<[string, (view: ScopedRuntime) => Promise<unknown>]>([
    ['validate', (view) => view.pipelines.validate(file)],
    ['plan', (view) => view.pipelines.plan(file)],
    ['start', (view) => view.runs.start({ file })],
    ['fork', (view) => view.runs.fork('run_of_ann', { file })],
    ['ask', (view) => view.threads.ask({ thread: 'files', prompt: 'What?', files: [file] })],
    ['start', (view) => view.runs.start({ file, source: { text: GATE } })],
  ])('cannot be named to %s over the network', async (_, act) => {
    for (const view of [ann(), admin()]) await expect(act(view)).rejects.toMatchObject({ code: 'local_only' })
  })
})

it.each<[string, (view: ScopedRuntime) => unknown]>([
  ['inspector', (view) => view.inspector.stranded()],
  ['keys', (view) => view.access.keys.list()],
  ['audit', (view) => view.access.audit.list()],
  ['status', (view) => view.status()],
  ['backup', (view) => view.maintenance.backup(join(folder, 'backup'))],
  ['gc', (view) => view.maintenance.gc({ dryRun: true })],
  ['handOver', (view) => view.serving.handOver(0)],
])('%s is for admins', async (_, act) => {
  await expect((async () => act(ann()))()).rejects.toMatchObject({ code: 'scope_missing' })
})

describe('actors', () => {
  const ACTS: { readonly [name: string]: (view: ScopedRuntime, ref: string) => Promise<unknown> } = {
    actor: (view, ref) => view.inspector.actor(ref),
    why: (view, ref) => view.inspector.why(ref),
    tree: (view, ref) => view.inspector.tree(ref),
    tail: async (view, ref) => (await first(view.inspector.tail(ref, { signal: NOW }))) ?? null,
  }
  const OF = (owner: string) => [
    ...[`run/run_of_${owner}`, `run_of_${owner}`, `step/run_of_${owner}.ok`],
    ...[`chain/thread-of-${owner}`, `thread-of-${owner}`, `ask-of-${owner}`, `phase/thread-of-${owner}.yield`],
  ]

  it.each(Object.entries(ACTS))('are seen by %s for own runs and threads only', async (_, act) => {
    for (const ref of OF('ann')) await expect(act(ann(), ref), ref).resolves.not.toBeUndefined()
    const others = [
      'step/run_of_ann.none',
      'api-key/k1',
      'budget/run/run_of_ann',
      'pipeline/ann/gate',
      'step/x',
      'none',
    ]
    for (const ref of [...OF('bob'), ...others]) {
      const problem = await problemFrom(act(ann(), ref))
      expect([problem?.code, problem?.message], ref).toEqual([
        'not_found',
        `There is no ${ref.includes('/') ? 'actor' : 'run, ask or thread'} ${ref}.`,
      ])
    }
    for (const ref of OF('bob').filter((one) => !one.startsWith('ask')))
      await expect(act(admin(), ref), ref).resolves.not.toBeUndefined()
  })

  it('exclude those of another run whose id begins with the same text', async () => {
    await runtime.runs.start({ file, owner: 'ann', id: 'nightly' })
    await runtime.runs.start({ file, owner: 'bob', id: 'nightly.2' })
    const [own, other] = ['step/nightly.ok', 'step/nightly.2.ok']
    for (const ref of [own, other]) await until(async () => (await admin().inspector.why(ref)).holds.length > 0)
    await expect(ann().inspector.actor(own)).resolves.toMatchObject({ of: own })
    await expect(ann().inspector.actor(other)).rejects.toMatchObject({ code: 'not_found' })
    for (const run of ['nightly', 'nightly.2']) await runtime.runs.cancel(run, 'seen')
  })

  it('with work are listed for their owner only', async () => {
    const heads = async (view: ScopedRuntime) => (await view.inspector.tree()).map(({ of }) => of)
    expect(await heads(ann())).toContain('run/run_of_ann')
    expect((await heads(ann())).join()).not.toContain('bob')
    expect(await heads(admin())).toContain('run/run_of_bob')
  })
})

it("admins see what is nobody's own", async () => {
  expect(await admin().status()).toMatchObject({ pid: process.pid })
  expect(await admin().access.keys.list()).toEqual([])
  expect(await admin().runs.get('run_of_bob')).toMatchObject({ status: 'waiting' })
})

describe('budgets', () => {
  it('are set for pipelines by their owner, for owners by admins, and other owners see neither', async () => {
    const bob = () => viewOf(callerOf('bob', 'read', 'run'))
    const scope = 'pipeline-hour/ann/gate'
    expect(await ann().budgets.set(scope, 2)).toMatchObject({
      scope,
      owner: 'ann',
      limit: 2,
      period: expect.any(String),
    })
    expect(await ann().budgets.raise(scope, 3)).toMatchObject({ limit: 3 })
    expect(await ann().budgets.list({ limit: 9 })).toMatchObject({ items: [{ scope }] })
    expect(await bob().budgets.list({ limit: 9 })).toEqual({ items: [] })
    for (const act of [bob().budgets.get(scope), bob().budgets.set(scope, 9), bob().budgets.remove(scope)])
      await expect(act).rejects.toMatchObject({ code: 'not_found' })
    await expect(ann().budgets.set('owner-hour/ann', 9)).rejects.toMatchObject({ code: 'scope_missing' })
    expect(await admin().budgets.set('owner-hour/ann', 9)).toMatchObject({ owner: 'ann' })
    for (const own of [scope, 'owner-hour/ann']) await admin().budgets.remove(own)
  })
})

describe('budgets over the wire', () => {
  const clientOf = (caller: Caller) => {
    const app = createApp(runtime, { identify: () => caller })
    return createClient(async (request) => app.fetch(request))
  }

  it('an admin names the owner in the budget of work that has not begun', async () => {
    const { budgets } = clientOf(callerOf('boss', 'admin'))
    const scope = 'thread/bob:of-bob-later'
    expect(await budgets.set('thread/of-bob-later', 3, { owner: 'bob' })).toMatchObject({
      scope,
      owner: 'bob',
      limit: 3,
    })
    expect(await budgets.get(scope)).toMatchObject({ scope, owner: 'bob' })
    expect(await clientOf(callerOf('bob', 'read')).budgets.list()).toMatchObject([{ scope: 'thread/of-bob-later' }])
    expect(await budgets.set('thread/of-boss', 3)).toMatchObject({ owner: 'boss', scope: 'thread/of-boss' })
    await expect(budgets.set('thread/x', 3, { owner: 'no name' })).rejects.toMatchObject({ code: 'invalid_input' })
  })

  it('a raised limit is an act of its person', async () => {
    const { budgets, access } = clientOf(callerOf('boss', 'admin'))
    await budgets.set('owner-day/ann', 3)
    await budgets.raise('owner-day/ann', 4.5)
    const raised = {
      what: 'budget-raised',
      target: 'owner-day/ann',
      outcome: '$4.5',
      by: { name: 'k1', through: 'http' },
    }
    await expect.poll(() => access.audit.list({ of: 'acts', owner: 'ann', limit: 1 })).toMatchObject([raised])
    await budgets.remove('owner-day/ann')
  })

  it('other callers cannot name another owner', async () => {
    const { budgets } = clientOf(callerOf('ann', 'run'))
    const refused = budgets.set('run/run_of_ann', 3, { owner: 'bob' })
    await expect(refused).rejects.toMatchObject({ code: 'scope_missing' })
    expect(await budgets.set('run/run_of_ann', 3, { owner: 'ann' })).toMatchObject({ owner: 'ann', limit: 3 })
  })
})

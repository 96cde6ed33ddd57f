import { expect, it, onTestFinished } from 'vitest'
import { MICROS_PER_DOLLAR } from '../../../src/budget/money.ts'
import { budgetRef } from '../../../src/budget/scope.ts'
import { loadConfig } from '../../../src/config/config.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'
import { until } from '../../../src/testing/index.ts'
import { useMock } from '../../model/mock.ts'
import { openFolder } from '../inspect/folder.ts'

const server = useMock({ teach: (mock) => mock.onMessage(/.*/, { content: 'Ebb and flow.' }) })
const { mock } = server

const STEP = (id: string, more = '') =>
  `  - { id: ${id}, action: generate_text, parameters: { prompt: Which tide?, max_tokens: 1000 }${more} }`
const TWO = ['name: two', 'steps:', STEP('a'), STEP('b', ', dependencies: [a]')].join('\n')

/** A folder whose model costs a dollar for a thousand tokens of a reply. */
function openShop(more = '') {
  const folder = openFolder()
  folder.write('two.yaml', TWO)
  folder.write(
    'antiphon.yaml',
    [
      `model: lab/one`,
      `providers: { lab: { type: openai-compatible, baseURL: '${server.url}/v1' } }`,
      `models: [{ id: lab/one, cost: { input: 1000, output: 1000 } }]`,
      more,
    ].join('\n'),
  )
  return folder
}

const waits = async (runtime: ServedRuntime, id: string, step: string) =>
  until(async () => (await runtime.runs.get(id).catch(() => undefined))?.steps[step]?.status === 'waiting')
const calls = () => mock.getRequests().length

it('a run waits for money over a restart, and goes on in the process in which it is raised', async () => {
  const { open, path } = openShop()
  const first = await open()
  const { id } = await first.runs.start({ file: path('two.yaml'), budget: 0.5 })
  await waits(first, id, 'a')
  // nobody needs to stay for it
  await first.idle()
  expect(calls()).toBe(0)
  const scope = `run/${id}`
  expect(await first.budgets.get(scope)).toMatchObject({
    ...{ scope, owner: 'local', limit: 0.5, spent: 0, reserved: 0, calls: 0 },
    waiting: [{ by: `step/${id}.a` }],
  })
  expect(await first.inspector.why(`step/${id}.a`)).toMatchObject({
    holds: [{ type: 'budget', name: scope, since: expect.any(Number) }],
  })
  const step = { of: `step/${id}.a`, status: 'waiting', branches: [] }
  expect(await first.inspector.tree()).toMatchObject([{ of: `run/${id}`, status: 'waiting', branches: [step] }])
  // it says so wherever people look, and no signal will do
  expect(await first.runs.get(id)).toMatchObject({
    status: 'waiting',
    steps: {
      a: { status: 'waiting', waits_for: `budget:${scope}`, to_go_on: `antiphon budget raise ${scope} DOLLARS` },
    },
  })
  const [item, ...others] = await first.inbox.list()
  expect(others).toEqual([])
  expect(item).toEqual({
    ...{ run: id, owner: 'local', step: 'a', signal: `budget:${scope}`, since: expect.any(Number) },
    ...{ kind: 'money', expects: { type: 'money' } },
    title: expect.stringMatching(/^the budget run\/run_\S+ is \$0\.50 in all, and this call may cost \$1\.\d+ alone$/),
  })
  await expect(first.runs.signal(id, `budget:${scope}`, null)).rejects.toMatchObject({
    message: expect.stringContaining('is a budget, not a signal'),
    hint: `antiphon budget raise ${scope} DOLLARS`,
  })
  await first.stop()

  const second = await open()
  await second.budgets.raise(scope, 5)
  await second.idle()
  const { status, usage, steps } = await second.runs.get(id)
  expect(status).toBe('completed')
  expect(steps.a).not.toHaveProperty('waits_for')
  expect(await second.inbox.list()).toEqual([])
  const { spent, reserved, calls: counted, waiting } = await second.budgets.get(scope)
  expect({ reserved, counted, waiting }).toEqual({ reserved: 0, counted: 2, waiting: [] })
  expect(spent).toBeCloseTo(usage!.cost!, 4)
  expect(calls()).toBe(2)

  // what is recorded is taken over, and costs nothing
  const again = await second.runs.fork(id)
  const reused = await second.runs.start({ file: path('two.yaml'), reuse: id, budget: 0 })
  await second.idle()
  for (const run of [again.id, reused.id]) expect((await second.runs.get(run)).status).toBe('completed')
  expect(calls()).toBe(2)
  expect(await second.budgets.get(`run/${reused.id}`)).toMatchObject({ spent: 0, calls: 0 })

  // what is done anew has a budget of its own
  const anew = await second.runs.fork(id, { at: 'b', budget: 0.5 })
  await waits(second, anew.id, 'b')
  expect(await second.budgets.get(`run/${anew.id}`)).toMatchObject({ limit: 0.5, spent: 0, calls: 0 })
  await second.budgets.raise(`run/${anew.id}`, 5)
  await second.idle()
  expect(await second.runs.get(anew.id)).toMatchObject({ status: 'completed', steps: { a: { reused: true } } })
  expect(await second.budgets.get(`run/${anew.id}`)).toMatchObject({ calls: 1 })
  expect(calls()).toBe(3)
  await second.stop()
})

it('a run below another one is paid for out of the budget of that', async () => {
  const folder = openShop()
  folder.write(
    'outer.yaml',
    'name: outer\nsteps: [{ id: inner, tool: pipeline-executor, parameters: { pipeline: two.yaml } }]',
  )
  const runtime = await folder.open()
  const { id } = await runtime.runs.start({ file: folder.path('outer.yaml'), budget: 0.5 })
  await until(async () => (await runtime.budgets.get(`run/${id}`)).waiting.length === 1)
  await runtime.idle()
  await runtime.budgets.raise(`run/${id}`, 9)
  await runtime.idle()
  expect((await runtime.runs.get(id)).status).toBe('completed')
  expect(await runtime.budgets.get(`run/${id}`)).toMatchObject({ calls: 2, waiting: [] })
  await runtime.stop()
})

it("the limit of a pipeline's cost holds for its child runs, too", async () => {
  const folder = openShop()
  const limit = 'model: { cost_limit: 0.5, budget_period: per-pipeline }'
  const step = '{ id: inner, tool: pipeline-executor, parameters: { pipeline: two.yaml } }'
  folder.write('outer.yaml', `name: outer\n${limit}\nsteps: [${step}]`)
  const runtime = await folder.open()
  const { id } = await runtime.runs.start({ file: folder.path('outer.yaml') })
  const [item] = await until(async () => {
    const items = await runtime.inbox.list()
    return items.length > 0 && items
  })
  expect(item).toMatchObject({ kind: 'money', step: 'a', signal: `budget:run/${id}` })
  expect(item).not.toMatchObject({ run: id })
  await runtime.budgets.raise(`run/${id}`, 9)
  await runtime.idle()
  expect((await runtime.runs.get(id)).status).toBe('completed')
  expect(await runtime.budgets.list()).toMatchObject([{ scope: `run/${id}`, calls: 2, waiting: [] }])
  await runtime.stop()
})

it('every owner has what the configuration says, until something else is said for one', async () => {
  const folder = openShop('budgets: { day: 0.5 }')
  const runtime = await folder.open()
  const file = folder.path('two.yaml')
  const ann = await runtime.runs.start({ file, owner: 'ann' })
  await waits(runtime, ann.id, 'a')
  expect(await runtime.budgets.list({ owner: 'ann' })).toMatchObject([{ scope: 'owner-day/ann', limit: 0.5 }])
  await runtime.budgets.set('owner-day/ann', 20)
  await runtime.idle()
  expect((await runtime.runs.get(ann.id)).status).toBe('completed')
  const bob = await runtime.runs.start({ file, owner: 'bob' })
  await waits(runtime, bob.id, 'a')
  await runtime.budgets.set('owner-day/bob', 0.4)
  await runtime.runs.cancel(bob.id, 'enough')
  await until(async () => (await runtime.budgets.get('owner-day/bob')).waiting.length === 0)
  await expect(runtime.budgets.raise('owner-day/bob', 0.3)).rejects.toMatchObject({ code: 'budget_lower' })
  await runtime.budgets.remove('owner-day/bob')
  await expect(runtime.budgets.get('owner-day/bob')).rejects.toMatchObject({ code: 'not_found' })
  await expect(runtime.budgets.set('day/bob', 1)).rejects.toMatchObject({ code: 'invalid_input' })
  await runtime.stop()
})

it('an ask waits for money, over a restart too, and can be cancelled meanwhile', async () => {
  const { open } = openShop()
  const first = await open()
  const ask = { thread: 'main', prompt: 'Which tide is it?' }
  const { id } = await first.threads.startAsk({ ...ask, budget: 0.1 })
  await until(async () => (await first.budgets.get('thread/main')).waiting.length === 1)
  const told: Json[] = []
  for await (const { body } of first.threads.askEvents('main', id)) {
    told.push(body)
    if ((body as { type: string }).type === 'ask-wait') break
  }
  expect(told.at(-1)).toMatchObject({ phase: 'action', budget: 'thread/main', problem: { code: 'out_of_money' } })
  const item = { kind: 'money', thread: 'main', ask: id, owner: 'local', signal: 'budget:thread/main' }
  expect(await first.inbox.list()).toEqual([
    {
      ...item,
      since: expect.any(Number),
      title: expect.stringMatching(/^the budget thread\/main/),
      expects: { type: 'money' },
    },
  ])
  expect(await first.inbox.list({ owner: 'bob' })).toEqual([])
  // it is under way, and no run
  const asRun = [
    first.runs.get(id),
    first.runs.resume(id),
    first.runs.cancel(id, 'no run'),
    first.runs.signal(id, 'go', true),
  ]
  for (const refused of asRun) await expect(refused).rejects.toMatchObject({ code: 'not_found' })
  expect(calls()).toBe(0)
  await first.stop({ grace: 0 })

  const second = await open()
  expect(await second.inbox.list()).toMatchObject([item])
  await second.budgets.raise('thread/main', 1000)
  await second.idle()
  expect(await second.inbox.list()).toEqual([])
  expect(await second.threads.getAsk('main', id)).toMatchObject({ status: 'completed' })
  // what is asked for as JSON was asked for twice, in a call each
  expect((await second.budgets.get('thread/main')).calls).toBe(5)

  await second.budgets.set('thread/main', 0)
  const other = await second.threads.startAsk(ask)
  await until(async () => (await second.budgets.get('thread/main')).waiting.length === 1)
  expect(await until(() => second.inbox.list().then((items) => items[0]))).toMatchObject({ ...item, ask: other.id })
  await second.threads.cancelAsk('main', other.id, 'enough')
  await until(async () => (await second.budgets.get('thread/main')).waiting.length === 0)
  expect(await second.budgets.get('thread/main')).toMatchObject({ reserved: 0 })
  await second.idle()
  expect(await second.inbox.list()).toEqual([])
  await second.stop()
})

it('a run pays for the questions that its steps ask a thread', async () => {
  const folder = openShop()
  folder.write('asks.yaml', 'name: asks\nsteps: [{ id: q, action: chain, parameters: { prompt: Which tide is it? } }]')
  const runtime = await folder.open()
  const { id } = await runtime.runs.start({ file: folder.path('asks.yaml'), budget: 0.1 })
  await until(async () => (await runtime.budgets.get(`run/${id}`)).waiting.length === 1)
  await runtime.budgets.raise(`run/${id}`, 1000)
  await runtime.idle()
  expect((await runtime.runs.get(id)).status).toBe('completed')
  expect((await runtime.budgets.get(`run/${id}`)).calls).toBe(5)
  await runtime.stop()
})

it('a run that waits for the next hour continues in a process that resumes that run alone', async () => {
  const { write, folder, path } = openShop()
  write('hourly.yaml', TWO.replace('steps:', 'model: { cost_limit: 2, budget_period: per-hour }\nsteps:'))
  const config = { ...(await loadConfig({ folder, environment: {} })), embedder: 'none' } as const
  const openAt = async (time: string) => {
    const runtime = await openRuntime(config, { clock: simulatedClock(Date.parse(time)) })
    onTestFinished(() => runtime.stop({ grace: 0 }))
    return runtime
  }
  const first = await openAt('2026-03-01T21:10:00Z')
  const budget = budgetRef('pipeline-hour/local/two')
  const spent = { id: 'c1', by: 'budget/other' }
  await first.engine.ask(budget, { type: 'reserve', ...spent, amount: MICROS_PER_DOLLAR, limit: 2 * MICROS_PER_DOLLAR })
  await first.engine.ask(budget, { type: 'settle', ...spent, spent: MICROS_PER_DOLLAR })
  for (const id of ['run_1', 'run_2']) {
    await first.runs.start({ file: path('hourly.yaml'), id })
    await waits(first, id, 'a')
  }
  expect(await first.budgets.get('pipeline-hour/local/two')).toMatchObject({ spent: 1, period: '2026-03-01T21' })
  await first.stop()

  const still = await openAt('2026-03-01T21:50:00Z')
  await still.runs.resume('run_1')
  await still.idle()
  expect(calls()).toBe(0)
  await still.stop()

  const second = await openAt('2026-03-01T22:10:00Z')
  const now = { scope: 'pipeline-hour/local/two', period: '2026-03-01T22', spent: 0, calls: 0, limit: 2 }
  expect(await second.budgets.list()).toMatchObject([now])
  await second.runs.resume('run_1')
  await second.idle()
  expect((await second.runs.get('run_1')).status).toBe('completed')
  expect(await second.budgets.get('pipeline-hour/local/two')).toMatchObject({ period: '2026-03-01T22' })
})

it('if two owners use one id at once, one gets the run with its budget, and the other gets neither', async () => {
  const folder = openFolder()
  folder.write('ask.yaml', 'name: ask\nsteps:\n  - { id: ask, tool: wait-for-signal, parameters: { prompt: Now? } }\n')
  const runtime = await folder.open()
  const file = folder.path('ask.yaml')
  const [ann, bob, poor] = [{ owner: 'ann', budget: 2 }, { owner: 'bob', budget: 7 }, { owner: 'poor' }]
  const pairs = [
    [ann, bob],
    [bob, ann],
    [ann, poor],
    [poor, ann],
  ] as const
  for (const [place, pair] of pairs.entries()) {
    const id = `run_${place}`
    const both = await Promise.allSettled(pair.map((whose) => runtime.runs.start({ file, id, ...whose })))
    const refused = both.filter(({ status }) => status === 'rejected')
    expect(refused).toMatchObject([{ reason: { code: 'id_taken' } }])
    await until(() => runtime.runs.get(id).catch(() => undefined))
    const first: { owner: string; budget?: number } = pair[both.findIndex(({ status }) => status === 'fulfilled')]!
    expect(await runtime.serving.ownerOfRun(id)).toBe(first.owner)
    const budget = await runtime.budgets.get(`run/${id}`).catch(({ code }) => code)
    if (first.budget === undefined) expect(budget).toBe('not_found')
    else expect(budget).toMatchObject({ owner: first.owner, limit: first.budget })
  }
})

it('a run with a budget that is begun again under its id keeps what was said of the budget meanwhile', async () => {
  const { path, open } = openShop()
  const runtime = await open()
  const start = () => runtime.runs.start({ file: path('two.yaml'), id: 'run_x', budget: 0.5 })
  expect(await Promise.all([start(), start()])).toMatchObject([{ id: 'run_x' }, { id: 'run_x' }])
  await waits(runtime, 'run_x', 'a')
  await runtime.budgets.raise('run/run_x', 0.6)
  expect(await start()).toMatchObject({ id: 'run_x' })
  expect(await runtime.budgets.get('run/run_x')).toMatchObject({ limit: 0.6 })
})

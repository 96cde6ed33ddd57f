import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import { type Clock, systemClock } from '../../../src/engine/engine.ts'
import type { StepItem } from '../../../src/run/room/documents.ts'
import { until } from '../../../src/testing/index.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const PLUGINS = `plugins: ['${join(import.meta.dirname, 'plugin.ts')}']\n`
const DOUBTER: AgentDefinition = { ...CLERK, tools: ['doubtful'], approve: 'none' }

test.each([
  [
    { outcome: 'done', result: 'seen' },
    { outcome: 'succeeded', result: 'seen' },
  ],
  [{ outcome: 'fail' }, { outcome: 'failed', result: expect.stringContaining('A person settled the call as failed') }],
] as const)('a call whose outcome is unknown waits, and a person settles it: %j', async (settlement, call1) => {
  const { runtime, model } = await openGoals([call('doubtful', {}), answer('well')], PLUGINS)
  const { id } = await runtime.goals.start({ agent: DOUBTER, goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'waiting' })
  const item = {
    ...{ kind: 'unknown', run: `${id}.1`, step: 'call_1', content: {} },
    ...{ title: 'Did doubtful take place? the connection broke', expects: { type: 'settlement' } },
  }
  expect(await runtime.inbox.list()).toMatchObject([item])
  expect(model.calls).toHaveLength(1)
  // made again, it is in doubt again
  expect(await runtime.goals.settle(id, 'call_1', { outcome: 'not-done' })).toEqual({ status: 'taken' })
  await runtime.idle()
  expect(await runtime.inbox.list()).toMatchObject([item])
  await runtime.goals.settle(id, 'call_1', settlement)
  await runtime.idle()
  const { rounds, ...goal } = await runtime.goals.get(id)
  expect(goal).toMatchObject({ status: 'completed', answer: 'well' })
  expect(rounds[0]).toMatchObject({ calls: [call1] })
  expect(await runtime.inbox.list()).toEqual([])
  await expect(runtime.goals.settle(id, 'call_1', settlement)).rejects.toMatchObject({ code: 'goal_over' })
})

test.each([
  ['fail', { status: 'failed', problem: { code: 'unknown', message: expect.stringContaining('doubtful') } }, 1],
  ['tell', { status: 'completed', answer: 'well' }, 2],
] as const)('with on_unknown: %s nobody is asked', async (onUnknown, end, requests) => {
  const { runtime, model } = await openGoals([call('doubtful', {}), answer('well')], PLUGINS)
  const { id } = await runtime.goals.start({ agent: { ...DOUBTER, onUnknown }, goal: 'Go.' })
  await runtime.idle()
  const { rounds, ...goal } = await runtime.goals.get(id)
  expect(goal).toMatchObject(end)
  expect(rounds[0]).toMatchObject({ calls: [{ outcome: 'unknown' }] })
  expect(model.calls).toHaveLength(requests)
})

test.each([
  ['idempotent', 0, 1],
  ['idempotent', 2, 3],
  ['at-most-once', 2, 1],
] as const)('an %s call with `retry: %i` is made %i times', async (effect, retry, times) => {
  const tool = `failing-${effect}`
  const { runtime } = await openGoals([call(tool, {}), answer('well')], PLUGINS)
  Object.assign(globalThis, { failed: 0 })
  const { id } = await runtime.goals.start({ agent: { ...CLERK, tools: [tool], approve: 'none', retry }, goal: 'Go.' })
  await runtime.idle()
  const { rounds } = await runtime.goals.get(id)
  expect(rounds[0]).toMatchObject({ calls: [{ outcome: 'failed', result: expect.stringContaining('not now') }] })
  expect(globalThis).toMatchObject({ failed: times })
})

const failed = (text: string) => ({ outcome: 'failed', result: expect.stringContaining(text) })

test.each([
  ['its timeout', { timeout: 0.02, retry: 0 }, { status: 'completed' }, failed('deaf took longer than 0.02 s')],
  [
    'its timeout, and nobody knows whether an at-most-once call takes place',
    { tools: ['deaf-once'], timeout: 0.02, onUnknown: 'tell' as const },
    { status: 'completed' },
    { outcome: 'unknown', result: expect.stringContaining('deaf-once took longer than 0.02 s. It did not stop') },
  ],
  [
    'the deadline of its goal, and is not tried again',
    { deadline: 1 },
    { status: 'waiting', wait: { type: 'limit', limit: 'deadline' } },
    failed('deaf took longer than '),
  ],
])('a call that ignores its signal is cut off by %s', async (_, bounds, goal, ended1) => {
  const agent = { ...CLERK, tools: ['deaf'], approve: 'none' as const, ...bounds }
  const what = agent.tools[0]!
  const { runtime, model } = await openGoals([call(what, {}), answer('well')], PLUGINS)
  const hold = Promise.withResolvers<void>()
  Object.assign(globalThis, { hold: hold.promise })
  const { id } = await runtime.goals.start({ agent, goal: 'Go.' })
  await runtime.idle()
  const { rounds, ...ended } = await runtime.goals.get(id)
  expect(ended).toMatchObject(goal)
  expect(rounds[0]).toMatchObject({ calls: [ended1] })
  expect(model.calls).toHaveLength(goal.status === 'completed' ? 2 : 1)
  const held = { type: 'overdue', what, pool: 'text_step_pool', since: expect.any(Number) }
  expect((await runtime.inspector.why(id)).holds).toContainEqual(held)
  hold.resolve()
  await until(async () => !(await runtime.inspector.why(id)).holds.some(({ type }) => type === 'overdue'))
})

test('all attempts at a call share the time that its goal has left', async () => {
  const { runtime } = await openGoals([call('slow-failing', {}), answer('well')], PLUGINS)
  Object.assign(globalThis, { failed: 0 })
  const agent = { ...CLERK, tools: ['slow-failing'], approve: 'none' as const, retry: 50, deadline: 1 }
  const { id } = await runtime.goals.start({ agent, goal: 'Go.' })
  await runtime.idle()
  const { rounds, ...goal } = await runtime.goals.get(id)
  expect(goal).toMatchObject({ status: 'waiting', wait: { limit: 'deadline' } })
  expect(rounds[0]).toMatchObject({ calls: [{ outcome: 'failed' }] })
  expect((globalThis as { failed?: number }).failed).toBeGreaterThan(1)
  expect((globalThis as { failed?: number }).failed).toBeLessThan(30)
})

const CHILD = (steps: string) =>
  call('pipeline-executor', { pipeline: `name: below\nsteps: [${steps}]`, error_handling: 'retry', retry_delay: 0 })
const BOSS: AgentDefinition = { ...CLERK, tools: ['pipeline-executor'], approve: 'none' }

test('a child run of a goal is cut off at the deadline of the goal, and is not started again', async () => {
  const steps = Array.from(
    { length: 40 },
    (_, n) => `{ id: s${n}, tool: nap, ${n > 0 ? `dependencies: [s${n - 1}]` : ''} }`,
  )
  const { runtime } = await openGoals([CHILD(steps.join(', ')), answer('well')], PLUGINS)
  const { id } = await runtime.goals.start({ agent: { ...BOSS, deadline: 1 }, goal: 'Go.' })
  await runtime.idle()
  const { rounds, ...goal } = await runtime.goals.get(id)
  expect(goal).toMatchObject({ status: 'waiting', wait: { limit: 'deadline' } })
  expect(rounds[0]).toMatchObject({ calls: [{ outcome: 'failed', result: expect.stringMatching(/^timeout: /) }] })
  const below = (await runtime.runs.list()).filter(({ name }) => name === 'below')
  expect(below).toHaveLength(1)
  expect((await runtime.runs.get(below[0]!.id)).counts.done).toBeLessThan(39)
})

test('a child run of a goal that waits for a person is not cut off at the deadline', async () => {
  const { runtime } = await openGoals([CHILD('{ id: ok, tool: approval-gate }'), answer('well')], PLUGINS)
  const { id } = await runtime.goals.start({ agent: { ...BOSS, deadline: 3 }, goal: 'Go.' })
  await runtime.idle()
  await new Promise((resolve) => setTimeout(resolve, 3_100))
  const [item] = await runtime.inbox.list()
  await runtime.runs.signal((item as StepItem).run, 'ok', 'approve')
  await runtime.idle()
  expect((await runtime.goals.get(id)).rounds[0]).toMatchObject({ calls: [{ outcome: 'succeeded' }] })
})

test('a child run that a person approves late gets all of the time that its goal had left', async () => {
  let ahead = 0
  const clock: Clock = { ...systemClock, now: () => Date.now() + ahead }
  const { runtime } = await openGoals([CHILD('{ id: a, tool: nap }'), answer('well')], PLUGINS, { clock })
  const agent = { ...BOSS, approve: ['pipeline-executor'], deadline: 60 }
  const { id } = await runtime.goals.start({ agent, goal: 'Go.' })
  await runtime.idle()
  ahead = 3_600_000
  await runtime.runs.signal(`${id}.1`, 'approve_call_1', 'approve')
  await runtime.idle()
  const { rounds, ...goal } = await runtime.goals.get(id)
  expect(goal).toMatchObject({ status: 'completed', answer: 'well' })
  expect(rounds[0]).toMatchObject({ calls: [{ outcome: 'succeeded' }] })
})

const LIST = call('filesystem_list', { path: '.' })

test.each([
  ['by what a person says', { more: { tokens: 1000 } }, 501_000],
  ['by its default', {}, 700_000],
])('a goal that has used its tokens waits, and is raised %s', async (_, options, tokens) => {
  const { runtime, model } = await openGoals([
    { ...LIST, usage: { input: 499_000, output: 1000 } },
    { ...answer('well'), usage: { input: 1, output: 1 } },
  ])
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'List.', budget: 100 })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    ...{ status: 'waiting', tokens: 500_000 },
    wait: { type: 'limit', limit: 'tokens', title: 'The goal has used 500000 of 500000 tokens.' },
  })
  expect(await runtime.inbox.list()).toMatchObject([{ kind: 'goal', goal: id }])
  expect((await runtime.inspector.why(id)).holds).toMatchObject([{ type: 'goal', reason: 'limit', limit: 'tokens' }])
  expect(model.calls).toHaveLength(1)
  await runtime.goals.resume(id, options)
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'well', limits: { tokens } })
})

test.each([
  ['by what a person says', { more: { time: 60_000 } }, 60_000],
  ['by its default', {}, 1_800_000],
])('a goal that reaches its deadline waits, and is raised %s', async (_, options, more) => {
  let ahead = 0
  const clock: Clock = { ...systemClock, now: () => Date.now() + ahead }
  // biome-ignore lint/suspicious/noThenProperty: the time goes on while the model thinks
  const hour: PromiseLike<void> = { then: (go) => Promise.resolve((ahead += 3_600_000)).then(() => go?.()) as never }
  const { runtime, model } = await openGoals([{ ...LIST, gate: hour }, answer('well')], '', { clock })
  const { id } = await runtime.goals.start({ agent: { ...CLERK, deadline: 1800 }, goal: 'List.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    ...{ status: 'waiting', wait: { type: 'limit', limit: 'deadline', title: 'The goal has reached its deadline.' } },
  })
  expect(model.calls).toHaveLength(1)
  const at = clock.now()
  await runtime.goals.resume(id, options)
  await runtime.idle()
  const { status, limits } = await runtime.goals.get(id)
  expect(status).toBe('completed')
  expect(limits.until - at).toBeGreaterThanOrEqual(more)
  expect(limits.until - at).toBeLessThan(more + 60_000)
})

test.each([0, -1_000_000, Number.NaN])('tokens that a provider reports as %s count as an estimate', async (told) => {
  const usage = { input: told, output: told }
  const { runtime } = await openGoals([
    { ...LIST, usage },
    { ...answer('well'), usage },
  ])
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'List.' })
  await runtime.idle()
  const { tokens, estimated } = await runtime.goals.get(id)
  expect(tokens).toBeGreaterThan(500)
  expect(tokens).toBeLessThan(5000)
  expect(estimated).toBe(true)
})

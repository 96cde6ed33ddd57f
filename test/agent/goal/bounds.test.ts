import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import { type Clock, systemClock } from '../../../src/engine/engine.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const PLUGINS = `plugins: ['${join(import.meta.dirname, 'plugin.ts')}']\n`
const DOUBTER: AgentDefinition = { ...CLERK, tools: ['doubtful'], approve: 'none' }

test('a person is asked what became of a call whose outcome is unknown, and the model hears the answer', async () => {
  const { runtime, model } = await openGoals([call('doubtful', {}), answer('well')], PLUGINS)
  const { id } = await runtime.goals.start({ agent: DOUBTER, goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    ...{ status: 'waiting', wait: { type: 'unknown', title: expect.stringContaining('the call of doubtful') } },
    rounds: [{ calls: [{ outcome: 'unknown' }] }],
  })
  expect(await runtime.inbox.list()).toMatchObject([{ kind: 'goal', goal: id, expects: { type: 'resume' } }])
  expect(model.calls).toHaveLength(1)
  await runtime.goals.resume(id, { text: 'It was made.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'well' })
  expect(model.calls[1]!.prompt).toContain('A person says: It was made.')
  expect(await runtime.inbox.list()).toEqual([])
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

import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { ScriptedTurn } from '../../../src/testing/scripted-model.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

test('a goal thinks and acts in rounds until the model answers', async () => {
  const { runtime, write, path, model } = await openGoals([
    call('filesystem_read', { path: 'a.txt' }),
    call('filesystem_read', { path: 'b.txt' }),
    answer('ebb and flood'),
  ])
  write('a.txt', 'ebb')
  write('b.txt', 'flood')
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Read both notes.', id: 'tides' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    ...{ status: 'completed', answer: 'ebb and flood', tokens: 33 },
    rounds: [
      { run: 'tides.1', calls: [{ tool: 'filesystem:read', step: 'call_1', outcome: 'succeeded' }] },
      { run: 'tides.2', calls: [{ tool: 'filesystem:read', outcome: 'succeeded' }] },
      { text: 'ebb and flood', calls: [] },
    ],
  })
  expect(await runtime.runs.get('tides.1')).toMatchObject({
    status: 'completed',
    outputs: { call_1: { content: 'ebb' } },
  })
  expect(model.calls.length).toBe(3)
  expect(model.calls[2]!.prompt).toContain('flood')
  expect(await readFile(path('a.txt'), 'utf8')).toBe('ebb')
  expect(await runtime.runs.list()).toEqual([])
  expect(await runtime.goals.list()).toMatchObject([{ id, agent: 'clerk', status: 'completed', rounds: 3 }])
})

test('a call that waits for a person is made once, in another process', async () => {
  const { runtime, open, path } = await openGoals([
    call('filesystem_append', { path: 'log.txt', content: 'x' }),
    answer('done'),
  ])
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Append.' })
  await runtime.idle()
  await runtime.stop()
  const next = await open()
  const waiting = [{ id, status: 'waiting', since: expect.any(Number) }]
  expect(await next.goals.list()).toMatchObject(waiting)
  expect(await next.goals.list({ status: 'waiting' })).toMatchObject(waiting)
  expect(await next.goals.list({ status: 'running' })).toEqual([])
  const [item] = await next.inbox.list()
  expect(item).toMatchObject({
    run: `${id}.1`,
    signal: 'approve_call_1',
    title: 'Call filesystem:append? path "log.txt", content "x"',
  })
  await next.runs.signal(`${id}.1`, 'approve_call_1', 'approve')
  await next.idle()
  expect(await next.goals.get(id)).toMatchObject({ status: 'completed', answer: 'done' })
  expect(await readFile(path('log.txt'), 'utf8')).toBe('x')
})

test('a rejected call is a result for the model', async () => {
  const { runtime, model } = await openGoals([
    call('filesystem_append', { path: 'log.txt', content: 'x' }),
    answer('I did not'),
  ])
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Append.' })
  await runtime.idle()
  await runtime.runs.signal(`${id}.1`, 'approve_call_1', { action: 'reject', reason: 'not today' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    status: 'completed',
    rounds: [{ calls: [{ outcome: 'rejected' }] }, {}],
  })
  expect(model.calls[1]!.prompt).toContain('not today')
})

test.each<[string, ScriptedTurn, string]>([
  ['an unknown tool', call('filesystem_write', { path: 'a' }), 'there is no tool filesystem_write'],
  ['wrong parameters', call('filesystem_read', { pfad: 'a' }), 'parameters.path'],
  ['a skill that does not exist', call('read_skill', { name: 'x' }), 'there is no tool read_skill'],
  ['a handle that does not exist', call('read_result', { handle: 'x', page: 1 }), 'expected a handle'],
])('%s is a result for the model, and no run', async (_, turn, told) => {
  const { runtime, model } = await openGoals([turn, answer('well')])
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    status: 'completed',
    rounds: [{ calls: [{ outcome: 'refused' }] }, {}],
  })
  expect(model.calls[1]!.prompt).toContain(told)
})

test('a goal that repeats itself gets a note, and then waits for a person', async () => {
  const { runtime, write, model } = await openGoals([call('filesystem_read', { path: 'a.txt' }, 4), answer('well')])
  write('a.txt', 'ebb')
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Read.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'waiting', wait: { type: 'stuck' } })
  expect(model.calls[3]!.prompt).toContain('the same result three times')
  await runtime.goals.resume(id, { text: 'The file does not change.' })
  await runtime.idle()
  expect(model.calls[4]!.prompt).toContain('A person says: The file does not change.')
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'well' })
})

test('a goal that reaches its rounds waits for a person, who may raise them', async () => {
  const { runtime } = await openGoals([
    call('filesystem_list', { path: '.' }),
    call('filesystem_list', { path: './' }),
    answer('well'),
  ])
  const { id } = await runtime.goals.start({ agent: { ...CLERK, maxTurns: 2 }, goal: 'List.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'waiting', wait: { type: 'limit', limit: 'rounds' } })
  await runtime.goals.resume(id, { more: { rounds: 1 } })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', limits: { rounds: 3 } })
})

test('a goal without money waits until its budget is raised', async () => {
  const { runtime } = await openGoals([call('filesystem_list', { path: '.' }), answer('well')])
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'List.', budget: 0.000001 })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'waiting', wait: { type: 'money', scope: `goal/${id}` } })
  await runtime.budgets.raise(`goal/${id}`, 1)
  await runtime.goals.resume(id)
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed' })
})

test('a cancelled goal cancels the calls that wait', async () => {
  const { runtime } = await openGoals([call('filesystem_append', { path: 'log.txt', content: 'x' })])
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Append.' })
  await runtime.idle()
  await runtime.goals.cancel(id, 'not needed')
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'cancelled' })
  expect(await runtime.runs.get(`${id}.1`)).toMatchObject({ status: 'cancelled' })
  expect(await runtime.inbox.list()).toEqual([])
})

test.each<[string, ScriptedTurn, object]>([
  ['a refusal', { finish: 'content-filter', reply: '' }, { code: 'model_refused' }],
  ['a filter of the provider', { error: { statusCode: 400, message: 'content_policy' } }, { code: 'model_filtered' }],
])('%s ends a goal with its reason', async (_, turn, problem) => {
  const { runtime } = await openGoals([turn])
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'failed', problem })
})

test('the offline model cannot work for a goal, and the goal says so', async () => {
  const { open: openPlain } = openFolder()
  const runtime = await openPlain()
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'failed', problem: { code: 'no_agent_model' } })
})

test('a goal that ended long ago goes with its runs, and keeps them until then', async () => {
  const { runtime } = await openGoals(
    [call('filesystem_list', { path: '.' }), answer('one'), answer('two')],
    'retention: { runs: 1 }\n',
  )
  for (const id of ['a', 'b']) {
    await runtime.goals.start({ agent: CLERK, goal: 'List.', id })
    await runtime.idle()
  }
  const { items } = await runtime.maintenance.gc()
  expect(items).toMatchObject([
    { what: 'run', why: 'the goal above it goes', ids: ['a.1'] },
    { what: 'goal', why: 'more than 1 are finished', ids: ['a'] },
  ])
  expect((await runtime.goals.list()).map(({ id }) => id)).toEqual(['b'])
  await expect(runtime.runs.get('a.1')).rejects.toMatchObject({ code: 'not_found' })
})

import { expect, test } from 'vitest'
import { answer, call, openGoals } from '../goal/folder.ts'

const source = (text: string) => ({ source: { text } })
const step = (more: string, parameters = 'prompt: "What is in {{ inputs.file }}?"') =>
  `name: ask\nsteps:\n  - { id: look, action: generate, parameters: { ${parameters} }, ${more} }\n`
const LOOK = `${step('tools: [Read, filesystem:append]', 'prompt: "What is in {{ inputs.file }}?", system_prompt: You look.')}outputs:
  said: "{{ look.result }}"
  text: "{{ look.text }}"
`
const READ = call('filesystem_read', { path: 'a.txt' })
const APPEND = call('filesystem_append', { path: 'log.txt', content: 'x' })
const START = { ...source(LOOK), inputs: { file: 'a.txt' } }

test('a model step with tools asks an agent of its own', async () => {
  const { runtime, model, write } = await openGoals([READ, answer('The ebb.')])
  write('a.txt', 'ebb at noon')
  const { id } = await runtime.runs.start(START)
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({
    ...{ status: 'completed', outputs: { said: 'The ebb.', text: 'The ebb.' } },
  })
  expect(await runtime.goals.get(`${id}.look`)).toMatchObject({
    ...{ agent: 'look', status: 'completed', answer: 'The ebb.' },
    goal: expect.stringContaining('What is in'),
    rounds: [{ calls: [{ tool: 'filesystem:read', outcome: 'succeeded' }] }, {}],
  })
  expect(model.calls[0]!.prompt).toContain('You look.')
  expect(model.calls[1]!.prompt).toContain('ebb at noon')
})

test('the model has only the tools of the list', async () => {
  const { runtime, model } = await openGoals([call('filesystem_write', { path: 'a', content: 'b' }), answer('no')])
  await runtime.runs.start(START)
  await runtime.idle()
  expect(model.calls[1]!.prompt).toContain('there is no tool filesystem_write')
})

test('the result is JSON where the prompt asks for it', async () => {
  const { runtime } = await openGoals([answer('{"ebb": 12}')])
  const text = step('tools: [Read]', 'prompt: Answer as JSON.')
  const { id } = await runtime.runs.start(source(`${text}outputs: { at: "{{ look.result.ebb }}" }\n`))
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'completed', outputs: { at: 12 } })
})

test('the agent asks the model of the step', async () => {
  const { runtime } = await openGoals([answer('well')])
  const { id } = await runtime.runs.start(source(step('tools: [Read]', 'prompt: Go., model: offline/extractive')))
  await runtime.idle()
  expect(await runtime.goals.get(`${id}.look`)).toMatchObject({
    problem: { code: 'no_agent_model', hint: expect.stringContaining('in the step look') },
  })
})

test('owner, rights and costs are those of the run', async () => {
  const { runtime } = await openGoals([APPEND, answer('well')])
  const { id } = await runtime.runs.start({ ...START, owner: 'ann', trusted: false })
  await runtime.idle()
  expect(await runtime.goals.get(`${id}.look`)).toMatchObject({ owner: 'ann', status: 'waiting' })
  await runtime.runs.signal(`${id}.look.1`, 'approve_call_1', 'reject')
  await runtime.idle()
  const { cost } = await runtime.goals.get(`${id}.look`)
  expect(cost).toBeGreaterThan(0)
  expect((await runtime.budgets.get(`goal/${id}.look`)).spent).toBeCloseTo(cost)
})

test('it remembers nothing', async () => {
  const { runtime, model, write } = await openGoals([READ, answer('The ebb.'), answer('again')])
  write('a.txt', 'ebb')
  for (const id of ['a', 'b']) {
    await runtime.runs.start({ ...START, id })
    await runtime.idle()
  }
  expect(model.calls[2]!.prompt).not.toContain('<memory>')
  expect(model.calls).toHaveLength(3)
})

test('an agent that fails fails its step', async () => {
  const { runtime } = await openGoals([{ error: { statusCode: 400, message: 'content_policy' } }])
  const { id } = await runtime.runs.start(START)
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({
    ...{ status: 'failed', error_code: 'agent_failed', error: expect.stringContaining('the agent look failed') },
  })
})

test('a cancel passes down', async () => {
  const { runtime } = await openGoals([APPEND])
  const { id } = await runtime.runs.start(START)
  await runtime.idle()
  expect(await runtime.inbox.list()).toHaveLength(1)
  await runtime.runs.cancel(id, 'not needed')
  await runtime.idle()
  expect(await runtime.goals.get(`${id}.look`)).toMatchObject({ status: 'cancelled' })
  expect(await runtime.inbox.list()).toEqual([])
})

test('the timeout of the step ends the goal', async () => {
  const gate = Promise.withResolvers<void>()
  const { runtime } = await openGoals([{ ...answer('late'), gate: gate.promise }])
  const { id } = await runtime.runs.start(source(step('tools: [Read], timeout: 0.2', 'prompt: Go.')))
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'failed', error_code: 'timeout' })
  gate.resolve()
  await runtime.idle()
  expect(await runtime.goals.get(`${id}.look`)).toMatchObject({ status: 'cancelled' })
})

test('it goes on in another process, and a finished round is not paid twice', async () => {
  const { runtime, open, model, write } = await openGoals([READ, APPEND, answer('done')])
  write('a.txt', 'ebb')
  const { id } = await runtime.runs.start(START)
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'waiting' })
  await runtime.stop({ grace: 0 })
  const next = await open()
  expect(await next.inbox.list()).toMatchObject([
    { run: `${id}.look.2`, title: 'Call filesystem:append? path "log.txt", content "x"' },
  ])
  await next.runs.signal(`${id}.look.2`, 'approve_call_1', 'approve')
  await next.idle()
  expect(await next.runs.get(id)).toMatchObject({ status: 'completed', outputs: { said: 'done' } })
  expect(model.calls).toHaveLength(3)
})

test('it goes on in another process that finds it while the model thinks', async () => {
  const gate = Promise.withResolvers<void>()
  const { runtime, open, model, write } = await openGoals([
    READ,
    { ...answer('late'), gate: gate.promise, times: 1 },
    answer('The ebb.'),
  ])
  write('a.txt', 'ebb')
  const { id } = await runtime.runs.start(START)
  await expect.poll(() => model.calls.length).toBe(2)
  await runtime.stop({ grace: 0 })
  const next = await open()
  await next.runs.resume(id)
  await next.idle()
  expect(await next.runs.get(id)).toMatchObject({ status: 'completed', outputs: { said: 'The ebb.' } })
  expect((await next.goals.get(`${id}.look`)).rounds).toHaveLength(2)
})

test('its goal goes with the run', async () => {
  const { runtime } = await openGoals([answer('well')], 'retention: { runs: 1 }\n')
  for (const id of ['a', 'b']) {
    await runtime.runs.start({ ...START, id })
    await runtime.idle()
  }
  await runtime.maintenance.gc()
  expect((await runtime.goals.list()).map(({ id }) => id)).toEqual(['b.look'])
})

test('calls in a loop have an agent for each item', async () => {
  const { runtime } = await openGoals([answer('well')])
  const text = `name: ask
steps:
  - { id: look, foreach: [a, b], action: generate, parameters: { prompt: "See {{ item }}" }, tools: [Read] }
`
  const { id } = await runtime.runs.start(source(text))
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'completed' })
  expect((await runtime.goals.list()).map(({ agent }) => agent)).toEqual(['look', 'look'])
})

const FAULTS: [more: string, finding: object, parameters?: string][] = [
  ['tools: [filesystem:raed]', { code: 'unknown_tool', hint: 'Did you mean `filesystem:read`?', line: 3 }],
  ['tools: [web-serch]', { code: 'unknown_tool', hint: 'Did you mean `web-search`?' }],
  ['tools: ["Bash(git *)"]', { code: 'unknown_tool', hint: expect.stringMatching(/write `Bash`/i) }],
  ['tools: ["agent:writer"]', { code: 'not_supported', hint: expect.stringContaining('agent: writer') }],
  ['tools: [TodoWrite, Read]', { code: 'tool_unavailable', severity: 'warning' }],
  ['tools: ["{{ inputs.which }}"]', { code: 'bad_value', message: expect.stringContaining('got a template') }],
  ['tools: Read', { code: 'bad_value', hint: expect.stringContaining('tools: [filesystem:read') }],
  ['tools: []', { code: 'bad_value' }],
  ['tools: [Read], cache: true', { code: 'not_supported' }],
  ['tools: [Read]', { code: 'not_supported' }, 'prompt: Go., temperature: 0'],
  ['tools: [Read]', { code: 'not_supported' }, 'prompt: Go., schema: { type: object }'],
]

test.each(FAULTS)('an impossible setting is reported with its place: %s', async (more, finding, parameters) => {
  const { runtime } = await openGoals([])
  const { findings } = await runtime.pipelines.validate(source(step(more, parameters ?? 'prompt: Go.')))
  expect(findings).toMatchObject([finding])
})

test.each([
  'action: echo hello',
  'action: chain, parameters: { prompt: Go. }',
  'tool: terminal, parameters: { command: ls }',
])('only a step that asks a model has tools: %s', async (work) => {
  const { runtime } = await openGoals([])
  const text = `name: ask\nsteps:\n  - { id: look, ${work}, tools: [Read] }\n`
  const { findings } = await runtime.pipelines.validate(source(text))
  expect(findings).toMatchObject([{ code: 'not_supported', message: expect.stringContaining('asks a model') }])
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { resolveGoalId, resolveRunId } from '../../src/cli/arguments/ids.ts'
import { openServing } from './held.ts'

type Message = { readonly role: string; readonly content: string }

/** A server that speaks the OpenAI protocol and keeps what it was told. */
async function openModel() {
  const told: (readonly Message[])[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    told.push((JSON.parse(Buffer.concat(parts).toString()) as { messages: Message[] }).messages)
    const base = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'one' }
    const delta = { role: 'assistant', content: `Reply ${told.length}.` }
    const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }
    const chunk = { ...base, choices: [{ index: 0, delta, finish_reason: 'stop' }], usage }
    response.setHeader('content-type', 'text/event-stream')
    response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return { told, port: (server.address() as AddressInfo).port }
}

const PIPELINE = `
name: shown
inputs: { topic: { default: tides } }
steps:
  - { id: text, tool: debug, parameters: { message: "The moon draws the water.\\nA tide comes twice a day." } }
  - { id: summary, action: generate, parameters: { prompt: "Say what {{ topic }} are: {{ text.result }}", system: "Be short." } }
  - id: each
    for_each: "{{ ['ebb', 'flow'] }}"
    max_parallel: 1
    steps:
      - { id: say, action: generate, parameters: { prompt: "What is {{ item }}? {{ summary.result }}" } }
  - { id: bad, tool: terminal, action: execute, depends_on: [each], parameters: { command: "ls {{ topic }}" } }
`

it('shows a run as a tree, and of a step just what its model got and replied', async () => {
  const { told, port } = await openModel()
  const { run, write } = openServing()
  write(
    'antiphon.yaml',
    'model: lab/one',
    'embedder: none',
    `providers: { lab: { type: openai-compatible, baseURL: 'http://127.0.0.1:${port}/v1' } }`,
  )
  write('shown.yaml', PIPELINE)
  expect((await run('run', 'shown.yaml')).code).toBe(1)

  const { out } = await run('show', 'last')
  expect(out).toMatch(/^shown {2}failed {2}run_/)
  expect(out).toMatch(/\n✓ summary +generate {2}.*lab\/one\n✓ each +for_each .*\n {2}✓ each_0_say +generate/)
  expect(out).toMatch(/\n✗ bad +terminal:execute .*\n {4}Command failed with exit code 2: ls: .*tides.* \(ls 'tides'/)

  const shown = async (step: string) => JSON.parse((await run('show', 'last', step, '--json')).out)
  const asText = (messages: readonly Message[]) => messages.map(({ role, content }) => ({ role, text: content }))
  const steps = ['summary', 'each_0_say', 'each_1_say']
  for (const [index, step] of steps.entries())
    expect(await shown(step)).toMatchObject({ messages: asText(told[index]!), reply: `Reply ${index + 1}.` })
  expect(told).toHaveLength(3)
  expect(await shown('bad')).toMatchObject({
    parameters: { command: "ls 'tides'" },
    error_type: 'ToolError',
    value: { result: { return_code: 2 } },
  })

  const text = (await run('show', 'last', 'summary')).out
  expect(text).toMatch(
    /parameters\n[\s\S]*message \(system\)\n {2}Be short\.[\s\S]*message \(user\)\n[\s\S]*reply\n {2}Reply 1\./,
  )
  expect(await run('show', 'last', 'sumary')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Did you mean summary?'),
  })
})

it('takes the beginning of an id where one run begins so, and "last" for the newest', async () => {
  const ids = ['run_b2', 'run_b1', 'run_a1', 'nightly-1']
  const list = async ({ limit = 100 } = {}) =>
    ids.slice(0, limit).map((id) => ({ id, owner: 'local', name: 'x', status: 'completed', startedAt: 0 }))
  const found = (given: string) => resolveRunId({ runs: { list } }, given)
  expect(await Promise.all(['last', 'run_a', 'a1', 'night', 'run_b1', 'nothing'].map(found))).toEqual([
    ...['run_b2', 'run_a1', 'run_a1', 'nightly-1', 'run_b1', 'nothing'],
  ])
  await expect(found('run_b')).rejects.toMatchObject({
    code: 'ambiguous_id',
    message: '2 runs begin with run_b: run_b2, run_b1',
  })
  await expect(resolveRunId({ runs: { list: async () => [] } }, 'last')).rejects.toMatchObject({
    name: 'NotFoundError',
  })
})

it('last is the newest goal that no other work asked for', async () => {
  const goals = [
    { id: 'g.1.hand_off', parent: { goal: 'g' } },
    { id: 'r.a', parent: { run: 'r' } },
    { id: 'g' },
    { id: 'older' },
  ]
  const runs = [{ id: 'r.child', root: 'r' }, { id: 'r' }]
  const listed = (all: readonly object[]) => ({ list: async ({ limit = 100 } = {}) => all.slice(0, limit) as never })
  expect(await resolveGoalId({ goals: listed(goals) }, 'last')).toBe('g')
  expect(await resolveRunId({ runs: listed(runs) }, 'last')).toBe('r')
})

it('a goal is named by the beginning of its id, or as the last one', async () => {
  const goal = { owner: 'local', agent: 'clerk', goal: 'Go.', status: 'completed', startedAt: 0, rounds: 0, cost: 0 }
  const list = async ({ limit = 100 } = {}) =>
    ['goal_b2', 'goal_a1', 'note-1'].slice(0, limit).map((id) => ({ id, ...goal }))
  const found = (given: string) => resolveGoalId({ goals: { list } }, given)
  expect(await Promise.all(['last', 'a1', 'goal_a', 'note', 'other'].map(found))).toEqual([
    ...['goal_b2', 'goal_a1', 'goal_a1', 'note-1', 'other'],
  ])
  await expect(resolveGoalId({ goals: { list: async () => [] } }, 'last')).rejects.toMatchObject({
    message: 'There are no goals here yet.',
  })
})

import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../../src/index.ts'
import type { Runtime } from '../../../src/runtime/open/create-runtime.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const PLAYBOOK = `name: tidy
inputs: { file: { type: string }, goal: { type: string } }
steps:
  - { id: read, tool: filesystem, action: read, parameters: { path: "{{ file }}" } }
  - { id: add, tool: filesystem, action: append, parameters: { path: index.txt, content: "{{ read.result.content }}" } }
outputs: { said: "{{ read.result.content }} for {{ goal | length }}" }
`
const agent = {
  ...CLERK,
  description: 'Tidies a note and adds it to the index of notes',
  playbook: 'tidy.yaml',
  approve: 'none' as const,
}
const goal = 'Tidy this note and add it to the index\nfile: a.txt'

test('a goal that fits follows the playbook without a model', async () => {
  const { runtime, write, path, model } = await openGoals([])
  write('tidy.yaml', PLAYBOOK)
  write('a.txt', 'ebb')
  const { id } = await runtime.goals.start({ agent, goal, id: 'tidy' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    ...{ status: 'completed', rounds: [], answer: `ebb for ${goal.length}` },
    playbook: { name: 'clerk', run: 'tidy.playbook' },
  })
  expect(model.calls).toEqual([])
  expect(await readFile(path('index.txt'), 'utf8')).toBe('ebb')
})

test('a goal that does not fit is left to the model', async () => {
  const { runtime, write, model } = await openGoals([answer('noon')])
  write('tidy.yaml', PLAYBOOK)
  const { id } = await runtime.goals.start({ agent, goal: 'When does the ship leave?' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'noon' })
  expect(model.calls.length).toBe(1)
})

test('a playbook without its inputs is not used, and the model learns why', async () => {
  const { runtime, write, model } = await openGoals([answer('which note?')])
  write('tidy.yaml', PLAYBOOK)
  const { id } = await runtime.goals.start({ agent, goal: 'Tidy this note and add it to the index' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'which note?' })
  expect(model.calls[0]!.prompt).toContain('input `file` is required')
})

test('after a playbook that fails the model takes over and knows what was done', async () => {
  const { runtime, write, model } = await openGoals([
    call('filesystem_list', { path: '.' }),
    answer('there is no a.txt'),
  ])
  write('tidy.yaml', PLAYBOOK)
  const { id } = await runtime.goals.start({ agent, goal })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'there is no a.txt' })
  expect(model.calls[0]!.prompt).toMatch(/The playbook clerk failed\. Failed: read: .*a\.txt/)
})

test('a playbook does not exceed its agent', async () => {
  const { runtime, write } = await openGoals([])
  write('tidy.yaml', PLAYBOOK)
  await expect(runtime.goals.start({ agent: { ...agent, tools: ['filesystem:read'] }, goal })).rejects.toMatchObject({
    code: 'invalid_agent',
    message: expect.stringMatching(/the step add calls filesystem:append, which the agent does not have/),
  })
  expect(await runtime.goals.list()).toEqual([])
})

test('a handler of a playbook does not exceed the agent either', async () => {
  const { runtime, write } = await openGoals([])
  const handler = 'on_error: { handler_action: "echo hello" }'
  write(
    'tidy.yaml',
    `name: tidy\nsteps:\n  - { id: read, tool: filesystem, action: read, parameters: { path: x }, ${handler} }\n`,
  )
  await expect(runtime.goals.start({ agent, goal })).rejects.toMatchObject({
    message: expect.stringContaining('the step read calls echo'),
  })
})

test('the playbook of a skill that exceeds the agent is left out', async () => {
  const { runtime, write, model } = await openGoals([answer('without it')])
  write('tidy.yaml', PLAYBOOK)
  const { playbook, ...plain } = agent
  const skill = { name: 'tidy', description: agent.description, body: 'Tidy.', folder: '.', playbook }
  const { id } = await runtime.goals.start({ agent: { ...plain, tools: ['filesystem:read'], skills: [skill] }, goal })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'without it' })
  expect(model.calls.length).toBe(1)
})

const ASKING = PLAYBOOK.replace(
  'steps:\n',
  'steps:\n  - { id: ok, tool: approval-gate, parameters: { title: Tidy it? } }\n',
)
async function approve(runtime: Runtime, run: string) {
  const [item] = await runtime.inbox.list()
  await runtime.runs.signal(run, (item as { readonly signal: string }).signal, 'approve')
}

const GATED = { ...agent, tools: [...agent.tools, 'approval-gate'] }

test('a text that comes while a goal follows its playbook is read before the goal completes', async () => {
  const { runtime, write, model } = await openGoals([answer('tidied, and the date is noted')])
  write('tidy.yaml', ASKING)
  write('a.txt', 'ebb')
  const { id } = await runtime.goals.start({ agent: GATED, goal, id: 'tidy' })
  await runtime.idle()
  await runtime.goals.tell(id, 'Note the date, too.')
  await approve(runtime, `${id}.playbook`)
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    ...{ status: 'completed', answer: 'tidied, and the date is noted', playbook: { name: 'clerk' } },
    rounds: [
      { told: ['A person says: Note the date, too.', expect.stringContaining('The playbook clerk has completed.')] },
    ],
  })
  expect(model.calls.length).toBe(1)
})

test('a text for a goal whose model is offline is refused', async () => {
  const { runtime, write } = await openGoals([])
  write('tidy.yaml', ASKING)
  write('a.txt', 'ebb')
  const offline = { ...GATED, model: 'offline/extractive' }
  const { id } = await runtime.goals.start({ agent: offline, goal })
  await runtime.idle()
  const refusal = { code: 'no_agent_model', hint: expect.stringContaining('Configure another model') }
  await expect(runtime.goals.tell(id, 'Note the date, too.')).rejects.toMatchObject(refusal)
  await expect(runtime.goals.resume(id, { text: 'Note the date, too.' })).rejects.toMatchObject(refusal)
  await approve(runtime, `${id}.playbook`)
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', rounds: [] })
})

test('the model reads which call of a playbook was made in vain', async () => {
  const order = defineTool({
    ...{ name: 'order', description: 'Orders', effect: 'idempotent', input: z.object({ file: z.string() }) },
    execute: () => new Map() as never,
  })
  const { runtime, write, model } = await openGoals([answer('It stands.')], '', { tools: [order] })
  write(
    'tidy.yaml',
    'name: tidy\ninputs: { file: { type: string } }\nsteps: [{ id: ordered, tool: order, parameters: { file: "{{ file }}" } }]\n',
  )
  const { id } = await runtime.goals.start({ agent: { ...agent, tools: [...agent.tools, 'order'] }, goal })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'It stands.' })
  const { prompt } = model.calls[0]!
  expect(prompt).toContain('Made without a good result: ordered: The call of order was made;')
  expect(prompt).not.toContain('Failed:')
})

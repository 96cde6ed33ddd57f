import { existsSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import type { Runtime } from '../../../src/runtime.ts'
import { answer as always, CLERK, call, openGoals } from '../goal/folder.ts'

const answer = (reply: string) => ({ ...always(reply), times: 1 })
const agent: AgentDefinition = { ...CLERK, approve: [] }
const script = (file: string, text: string) => [
  call('filesystem_list', { path: '.' }),
  call('filesystem_read', { path: file }),
  call('filesystem_append', { path: 'index.txt', content: `${file}: ${text}` }),
  answer(`Added ${file} to index.txt.`),
]
const goalFor = (file: string) => `Add ${file} to index.txt`

async function run(
  runtime: Runtime,
  goal: string,
  more: { agent?: AgentDefinition; owner?: string; id?: string } = {},
) {
  const { id } = await runtime.goals.start({ agent, goal, ...more })
  await runtime.idle()
  return runtime.goals.get(id)
}

/** A folder whose clerk has added a.txt to the index. */
async function learned(more: Parameters<typeof openGoals>[0] = [], definition = agent) {
  const opened = await openGoals([...script('a.txt', 'ebb'), ...more])
  opened.write('a.txt', 'ebb')
  opened.write('b.txt', 'flood')
  const first = await run(opened.runtime, goalFor('a.txt'), { agent: definition, id: 'first' })
  return { ...opened, first, index: () => readFile(opened.path('index.txt'), 'utf8') }
}

test('the second goal of a form asks no model, makes fewer calls and leaves the same files', async () => {
  const { runtime, model, first, index } = await learned()
  expect(first).toMatchObject({ status: 'completed', lesson: { status: 'learned' } })
  expect(model.calls.length).toBe(4)
  const second = await run(runtime, goalFor('b.txt'), { id: 'second' })
  expect(second).toMatchObject({
    ...{ status: 'completed', answer: 'Added b.txt to index.txt.', rounds: [], cost: 0 },
    playbook: { name: expect.stringMatching(/^clerk-[0-9a-f]{8}$/), run: 'second.playbook' },
  })
  expect(model.calls.length).toBe(4)
  expect(await index()).toBe('a.txt: ebbb.txt: flood')
  const { steps } = await runtime.runs.get('second.playbook')
  expect(Object.keys(steps)).toEqual(['read_1', 'append_2'])
})

test('when the world has changed, the model takes over and learns what was done', async () => {
  const { runtime, model, path } = await learned([answer('There is no c.txt.'), answer('Again not.'), answer('No.')])
  const goal = await run(runtime, goalFor('c.txt'))
  expect(goal).toMatchObject({ status: 'completed', answer: 'There is no c.txt.', rounds: [{}] })
  expect(model.calls[4]!.prompt).toMatch(/The playbook clerk-[0-9a-f]+ failed\. Failed: read_1: .*c\.txt/)
  expect(goal.lesson).toBeUndefined()
  // after a second failure the playbook is forgotten
  expect(await run(runtime, goalFor('d.txt'))).toMatchObject({ playbook: {}, answer: 'Again not.' })
  expect((await run(runtime, goalFor('e.txt'))).playbook).toBeUndefined()
  expect(existsSync(path('c.txt'))).toBe(false)
})

test('a success between two failures keeps a playbook', async () => {
  const { runtime } = await learned([answer('no'), answer('no')])
  for (const file of ['c.txt', 'b.txt', 'd.txt']) await run(runtime, goalFor(file))
  expect(await run(runtime, goalFor('b.txt'))).toMatchObject({ playbook: {}, rounds: [] })
})

test.each<[string, { readonly agent?: AgentDefinition; readonly owner?: string }]>([
  ['another owner', { owner: 'bob' }],
  ['an agent of another name', { agent: { ...agent, name: 'other' } }],
  ['an agent with fewer tools', { agent: { ...agent, tools: ['filesystem:read'] } }],
  ['an agent whose calls wait for a person', { agent: { ...agent, approve: ['filesystem:append'] } }],
  ['an agent with the default approvals', { agent: CLERK }],
  ['an agent with other instructions', { agent: { ...agent, instructions: 'You keep other notes.' } }],
])('%s does not use the playbook', async (_, more) => {
  const { runtime, model } = await learned([answer('thought about it')])
  const goal = await run(runtime, goalFor('b.txt'), more)
  expect(goal).toMatchObject({ answer: 'thought about it' })
  expect(goal.playbook).toBeUndefined()
  expect(model.calls.length).toBe(5)
})

test('a playbook outlives its process', async () => {
  const { runtime, open, model } = await learned()
  await runtime.stop()
  expect(await run(await open(), goalFor('b.txt'))).toMatchObject({ status: 'completed', rounds: [] })
  expect(model.calls.length).toBe(4)
})

test('the playbook keeps approvals, and a rejection is left to the model', async () => {
  const definition = { ...agent, approve: ['filesystem:append'] }
  const { runtime, model, index } = await learned([answer('I did not add it.')], definition)
  const approve = async (of: string, action: string) => {
    const [item] = await runtime.inbox.list()
    expect(item).toMatchObject({ run: of, title: 'Call filesystem:append?' })
    await runtime.runs.signal(of, (item as { signal: string }).signal, {
      action,
      ...(action === 'reject' && { reason: 'not today' }),
    })
    await runtime.idle()
  }
  await approve('first.3', 'approve')
  expect(await runtime.goals.get('first')).toMatchObject({ status: 'completed', lesson: { status: 'learned' } })
  await run(runtime, goalFor('b.txt'), { agent: definition, id: 'second' })
  await approve('second.playbook', 'approve')
  expect(await runtime.goals.get('second')).toMatchObject({ status: 'completed', rounds: [] })
  expect(await index()).toBe('a.txt: ebbb.txt: flood')
  await run(runtime, goalFor('b.txt'), { agent: definition, id: 'third' })
  await approve('third.playbook', 'reject')
  expect(await runtime.goals.get('third')).toMatchObject({ status: 'completed', answer: 'I did not add it.' })
  expect(model.calls.at(-1)!.prompt).toContain('a person rejected it: not today')
  expect(await index()).toBe('a.txt: ebbb.txt: flood')
})

test('parameters that a person changed are those that are learned', async () => {
  const definition = { ...agent, approve: ['filesystem:append'] }
  const { runtime } = await learned([], definition)
  const content = { path: 'index.txt', content: 'a.txt' }
  await runtime.runs.signal('first.3', 'approve_call_1', { action: 'modify', content })
  await runtime.idle()
  await run(runtime, goalFor('b.txt'), { agent: definition, id: 'second' })
  const [item] = await runtime.inbox.list()
  expect(item).toMatchObject({ content: { path: 'index.txt', content: 'b.txt' } })
})

test('a goal that is rated bad is forgotten, with the playbook that it taught or followed', async () => {
  const { runtime, model } = await learned([...script('b.txt', 'flood'), answer('last')])
  await runtime.goals.rate('first', 'bad')
  expect(await run(runtime, goalFor('b.txt'), { id: 'second' })).toMatchObject({ rounds: [{}, {}, {}, {}] })
  expect(await run(runtime, goalFor('a.txt'), { id: 'third' })).toMatchObject({ rounds: [] })
  await runtime.goals.rate('third', 'bad')
  expect(await run(runtime, goalFor('b.txt'))).toMatchObject({ answer: 'last' })
  expect(model.calls.length).toBe(9)
})

test('a goal that teaches nothing says why', async () => {
  const { runtime, write } = await openGoals([call('filesystem_read', { path: 'a.txt' }), answer('It is about tides.')])
  write('a.txt', 'ebb')
  expect(await run(runtime, 'Read a.txt')).toMatchObject({
    lesson: { status: 'none', reason: 'its answer is the work of the model' },
  })
})

test('calls of a learned playbook reach only what calls of a model reach', async () => {
  const { runtime, path, model } = await learned([answer('I may not read it.')])
  rmSync(path('b.txt'))
  // files of antiphon are closed to calls that a model chose
  const goal = await run(runtime, goalFor('agents/x.txt'))
  expect(goal).toMatchObject({ playbook: {}, answer: 'I may not read it.' })
  expect(model.calls.at(-1)!.prompt).toMatch(/outside|closed|antiphon/)
})

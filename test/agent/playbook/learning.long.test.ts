import { existsSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { Runtime } from '../../../src/runtime/open/create-runtime.ts'
import { answer as always, CLERK, call, openGoals } from '../goal/folder.ts'

const answer = (reply: string) => ({ ...always(reply), times: 1 })
const agent: AgentDefinition = { ...CLERK, approve: [], learn: 'propose' }
const script = (file: string, text: string) => [
  call('filesystem_read', { path: file }),
  call('filesystem_append', { path: 'index.txt', content: text }),
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

/** A folder whose clerk has added a.txt to the index, and a person has accepted the playbook. */
async function learned(more: Parameters<typeof openGoals>[0] = [], definition = agent, accepts = true) {
  const opened = await openGoals([...script('a.txt', 'ebb'), ...more])
  const { runtime } = opened
  opened.write('a.txt', 'ebb')
  opened.write('b.txt', 'flood')
  const first = await run(runtime, goalFor('a.txt'), { agent: definition, id: 'first' })
  const accept = async () => {
    for (const { id } of await runtime.playbooks.list()) await runtime.playbooks.accept(id)
  }
  if (accepts) await accept()
  return { ...opened, first, accept, index: () => readFile(opened.path('index.txt'), 'utf8') }
}

test('the second goal of a form asks no model and leaves the same files', async () => {
  const { runtime, model, first, index } = await learned()
  expect(first).toMatchObject({ status: 'completed', lesson: { status: 'learned', proposed: true } })
  expect(model.calls.length).toBe(3)
  const second = await run(runtime, goalFor('b.txt'), { id: 'second' })
  const name = (first.lesson as { readonly playbook: string }).playbook
  expect(name).toMatch(/^clerk-[0-9a-f]{8}$/)
  expect(second).toMatchObject({
    ...{ status: 'completed', answer: 'Added b.txt to index.txt.', rounds: [], cost: 0 },
    playbook: { name, run: 'second.playbook', learned: true, note: `followed playbook ${name}, no model was asked` },
  })
  expect(model.calls.length).toBe(3)
  expect(await index()).toBe('ebbflood')
  const { steps } = await runtime.runs.get('second.playbook')
  expect(Object.keys(steps)).toEqual(['read_1', 'append_2'])
  let last: Json = null
  for await (const { body } of runtime.goals.events('second')) last = body
  expect(last).toMatchObject({ type: 'goal-end', note: expect.stringContaining('no model was asked') })
})

test.each<[AgentDefinition['learn'] | undefined]>([[undefined], ['off']])(
  'an agent with `learn: %s` learns nothing and follows nothing that was learned',
  async (mode) => {
    const { learn: _, ...plain } = agent
    const definition = mode === undefined ? plain : { ...plain, learn: mode }
    const { runtime, first } = await learned([], definition)
    expect(first.lesson).toBeUndefined()
    expect(await runtime.playbooks.list()).toEqual([])
    const taught = await learned([answer('thought about it')])
    expect(await run(taught.runtime, goalFor('b.txt'), { agent: definition })).toMatchObject({
      answer: 'thought about it',
    })
  },
)

test('a playbook that waits for a person is in the inbox with the origin of each value, and no goal follows it', async () => {
  const { runtime, accept } = await learned([...script('b.txt', 'flood'), answer('not followed')], agent, false)
  const inbox = await runtime.inbox.list()
  expect(inbox).toMatchObject([
    {
      ...{ kind: 'playbook', agent: 'clerk', owner: 'local', goal: 'first', form: 'Add {path} to {path_2}' },
      calls: [
        { step: 'read_1', tool: 'filesystem:read', values: [{ name: 'path', from: ['input `path` of the goal'] }] },
        {
          ...{ step: 'append_2', tool: 'filesystem:append' },
          values: [
            { name: 'path', from: ['input `path_2` of the goal'] },
            { name: 'content', from: ['copied from `content` of the result of read_1'] },
          ],
        },
      ],
      answer: 'Added {{ path }} to {{ path_2 }}.',
      expects: { type: 'playbook', choices: ['accept', 'reject'] },
    },
  ])
  // an equal one merges
  const second = await run(runtime, goalFor('b.txt'), { id: 'second' })
  expect(second).toMatchObject({ rounds: [{}, {}, {}], lesson: { status: 'learned', proposed: true } })
  expect(await runtime.inbox.list()).toEqual(inbox)
  await accept()
  expect(await runtime.inbox.list()).toEqual([])
  expect(await run(runtime, goalFor('a.txt'))).toMatchObject({ rounds: [], playbook: { learned: true } })
})

test('another way to do goals of a form is another proposal, and accepting one does not accept the other', async () => {
  const turned = [
    call('filesystem_read', { path: 'index.txt' }),
    call('filesystem_append', { path: 'b.txt', content: 'ebb' }),
    answer('Added b.txt to index.txt.'),
  ]
  const { runtime, first } = await learned([...turned, answer('not followed')], agent, false)
  const second = await run(runtime, goalFor('b.txt'))
  const [one, other] = [first, second].map(({ lesson }) => (lesson as { readonly playbook: string }).playbook)
  expect(other).not.toBe(one)
  expect(await runtime.inbox.list()).toMatchObject([{ playbook: one }, { playbook: other }])
  await runtime.playbooks.accept(one!)
  expect(await runtime.inbox.list()).toMatchObject([{ playbook: other }])
  expect(await run(runtime, goalFor('b.txt'))).toMatchObject({ playbook: { name: one } })
})

test('with `learn: on` nothing is used at once where goals of a form were done in different ways', async () => {
  const on: AgentDefinition = { ...agent, learn: 'on' }
  const notes = (path: string, content: string) => [call('filesystem_append', { path, content }), answer('Done.')]
  const { runtime } = await openGoals([...notes('x.txt', 'ebb'), ...notes('ebb', 'x.txt'), ...notes('x.txt', 'tide')])
  const ask = (goal: string, definition = on) => runtime.goals.start({ agent: definition, goal, playbook: false })
  const lessonOf = async (goal: string, definition = on) => {
    const { id } = await ask(goal, definition)
    await runtime.idle()
    return (await runtime.goals.get(id)).lesson
  }
  expect(await lessonOf('Append ebb to x.txt')).toMatchObject({ status: 'learned' })
  expect(await lessonOf('Append ebb to x.txt')).toMatchObject({ proposed: true })
  // under other instructions, the earlier ones say nothing
  await lessonOf('Append tide to x.txt', { ...on, instructions: 'You keep many notes.' })
  expect(await runtime.playbooks.list()).toMatchObject([{ form: 'Append {content} to {path}' }])
})

test('a playbook that a person rejected is not followed, and not proposed again', async () => {
  const { runtime, first } = await learned([...script('b.txt', 'flood')], agent, false)
  const { playbook } = first.lesson as { readonly playbook: string }
  await runtime.playbooks.reject(playbook)
  expect(await runtime.inbox.list()).toEqual([])
  expect(await run(runtime, goalFor('b.txt'))).toMatchObject({
    lesson: { status: 'none', reason: `a person rejected this playbook: ${playbook}` },
  })
  expect(await runtime.playbooks.list()).toMatchObject([{ id: playbook, status: 'rejected' }])
  await runtime.playbooks.accept(playbook)
  expect(await run(runtime, goalFor('b.txt'))).toMatchObject({ rounds: [], playbook: { name: playbook } })
  await expect(runtime.playbooks.accept('clerk-00000000')).rejects.toMatchObject({ code: 'not_found' })
})

test('with `learn: on` a playbook that cannot hold a decision is used at once, and others wait for a person', async () => {
  const on: AgentDefinition = { ...agent, learn: 'on' }
  const note = (text: string, file: string) => [
    call('filesystem_append', { path: file, content: text }),
    answer(`Added ${text} to ${file}.`),
  ]
  const { runtime, model, path, write } = await openGoals([
    ...note('ebb', 'x.txt'),
    ...script('a.txt', 'ebb'),
    answer('no'),
  ])
  write('a.txt', 'ebb')
  expect((await run(runtime, 'Append ebb to x.txt', { agent: on })).lesson).toEqual({
    ...{ status: 'learned', playbook: expect.stringMatching(/^clerk-/) },
  })
  expect(await run(runtime, 'Append flood to y.txt', { agent: on })).toMatchObject({ rounds: [] })
  expect(await readFile(path('y.txt'), 'utf8')).toBe('flood')
  expect(await runtime.playbooks.list()).toMatchObject([{ status: 'certain', uses: 1 }])
  // it read something: only a person can say that it decided nothing by that
  expect(await run(runtime, goalFor('a.txt'), { agent: on })).toMatchObject({ lesson: { proposed: true } })
  // an agent that proposes waits for the person in any case
  expect(await run(runtime, 'Append flood to z.txt', { agent: on })).toMatchObject({ rounds: [] })
  expect(await run(runtime, 'Append flood to z.txt')).toMatchObject({ answer: 'no' })
  expect(model.calls.length).toBe(6)
})

test('a goal that asks for the model follows no playbook', async () => {
  const { runtime, model } = await learned([answer('thought about it')])
  const { id } = await runtime.goals.start({ agent, goal: goalFor('b.txt'), playbook: false })
  await runtime.idle()
  const goal = await runtime.goals.get(id)
  expect(goal).toMatchObject({ answer: 'thought about it' })
  expect(goal.playbook).toBeUndefined()
  expect(model.calls.length).toBe(4)
})

test('when the world has changed, the model takes over and learns what was done', async () => {
  const { runtime, model, path } = await learned([answer('There is no c.txt.'), answer('Again not.'), answer('No.')])
  const goal = await run(runtime, goalFor('c.txt'))
  expect(goal).toMatchObject({ status: 'completed', answer: 'There is no c.txt.', rounds: [{}] })
  expect(model.calls[3]!.prompt).toMatch(/The playbook clerk-[0-9a-f]+ failed\. Failed: read_1: .*c\.txt/)
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
  ['an agent with other instructions', { agent: { ...agent, instructions: 'You keep other notes.' } }],
  ['an agent of a changed project', { agent: { ...agent, project: 'Nothing goes into the index.' } }],
])('%s does not use the playbook', async (_, more) => {
  const { runtime, model } = await learned([answer('thought about it')])
  const goal = await run(runtime, goalFor('b.txt'), more)
  expect(goal).toMatchObject({ answer: 'thought about it' })
  expect(goal.playbook).toBeUndefined()
  expect(model.calls.length).toBe(4)
})

test('a playbook outlives its process', async () => {
  const { runtime, open, model } = await learned()
  await runtime.stop()
  expect(await run(await open(), goalFor('b.txt'))).toMatchObject({ status: 'completed', rounds: [] })
  expect(model.calls.length).toBe(3)
})

test.each<[string, AgentDefinition]>([
  ['whose calls wait for a person', { ...agent, approve: ['filesystem:append'] }],
  ['with the default approvals', { ...CLERK, learn: 'on' }],
])('an agent %s is asked about the calls of a playbook that was learned without approvals', async (_, definition) => {
  const { runtime, index } = await learned([answer('I did not add it.')])
  await run(runtime, goalFor('b.txt'), { agent: definition, id: 'second' })
  const [item] = await runtime.inbox.list()
  expect(item).toMatchObject({ run: 'second.playbook', title: 'Call filesystem:append?' })
  await runtime.runs.signal('second.playbook', (item as { signal: string }).signal, { action: 'reject' })
  await runtime.idle()
  expect(await runtime.goals.get('second')).toMatchObject({ status: 'completed', answer: 'I did not add it.' })
  expect(await index()).toBe('ebb')
})

test('the playbook keeps approvals, and a rejection is left to the model', async () => {
  const definition = { ...agent, approve: ['filesystem:append'] }
  const { runtime, model, index, accept } = await learned([answer('I did not add it.')], definition, false)
  const approve = async (of: string, action: string) => {
    const [item] = await runtime.inbox.list()
    expect(item).toMatchObject({ run: of, title: 'Call filesystem:append?' })
    await runtime.runs.signal(of, (item as { signal: string }).signal, {
      action,
      ...(action === 'reject' && { reason: 'not today' }),
    })
    await runtime.idle()
  }
  await approve('first.2', 'approve')
  expect(await runtime.goals.get('first')).toMatchObject({ status: 'completed', lesson: { status: 'learned' } })
  await accept()
  await run(runtime, goalFor('b.txt'), { agent: definition, id: 'second' })
  await approve('second.playbook', 'approve')
  expect(await runtime.goals.get('second')).toMatchObject({ status: 'completed', rounds: [] })
  expect(await index()).toBe('ebbflood')
  await run(runtime, goalFor('b.txt'), { agent: definition, id: 'third' })
  await approve('third.playbook', 'reject')
  expect(await runtime.goals.get('third')).toMatchObject({ status: 'completed', answer: 'I did not add it.' })
  expect(model.calls.at(-1)!.prompt).toContain('a person rejected it: not today')
  expect(await index()).toBe('ebbflood')
})

test('a call that a person changed teaches nothing', async () => {
  const definition = { ...agent, approve: ['filesystem:append'] }
  const { runtime } = await learned([], definition, false)
  const content = { path: 'index.txt', content: 'a.txt' }
  await runtime.runs.signal('first.2', 'approve_call_1', { action: 'modify', content })
  await runtime.idle()
  expect(await runtime.goals.get('first')).toMatchObject({
    lesson: { status: 'none', reason: 'a person changed the parameters of filesystem:append' },
  })
})

test('a goal that is rated bad is forgotten, with the playbook that it taught or followed', async () => {
  const { runtime, model, accept } = await learned([...script('b.txt', 'flood'), answer('last')])
  await runtime.goals.rate('first', 'bad')
  expect(await run(runtime, goalFor('b.txt'), { id: 'second' })).toMatchObject({ rounds: [{}, {}, {}] })
  await accept()
  expect(await run(runtime, goalFor('a.txt'), { id: 'third' })).toMatchObject({ rounds: [] })
  await runtime.goals.rate('third', 'bad')
  expect(await run(runtime, goalFor('b.txt'))).toMatchObject({ answer: 'last' })
  expect(model.calls.length).toBe(7)
})

test('a goal that taught a known playbook again forgets it when it is rated bad', async () => {
  const { runtime } = await learned(script('b.txt', 'flood'), agent, false)
  await run(runtime, goalFor('b.txt'), { id: 'second' })
  await runtime.goals.rate('second', 'bad')
  await runtime.idle()
  expect(await runtime.playbooks.list()).toEqual([])
})

test.each<[string, Parameters<typeof openGoals>[0], string]>([
  [
    'Read a.txt',
    [call('filesystem_read', { path: 'a.txt' }), answer('It is about tides.')],
    'its answer is the work of the model',
  ],
  [
    'Copy a.txt to b.txt',
    [
      call('read_result', { handle: '1.call_1', page: 1 }),
      call('filesystem_read', { path: 'a.txt' }),
      call('filesystem_append', { path: 'b.txt', content: 'ebb' }),
      answer('Copied a.txt to b.txt.'),
    ],
    'it called read_result, and the result went into no value',
  ],
  [
    'Label a.txt',
    [
      call('filesystem_read', { path: 'a.txt' }),
      call('filesystem_append', { path: 'a.txt', content: 'urgent' }),
      answer('Done.'),
    ],
    'the model wrote content of filesystem:append: "urgent"',
  ],
])('a goal that teaches nothing says why: %s', async (goal, turns, reason) => {
  const { runtime, write } = await openGoals(turns)
  write('a.txt', 'ebb')
  expect((await run(runtime, goal)).lesson).toEqual({ status: 'none', reason })
})

test('calls of a learned playbook reach only what calls of a model reach', async () => {
  const { runtime, path, model } = await learned([answer('I may not read it.')])
  rmSync(path('b.txt'))
  // files of antiphon are closed to calls that a model chose
  const goal = await run(runtime, goalFor('agents/x.txt'))
  expect(goal).toMatchObject({ playbook: {}, answer: 'I may not read it.' })
  expect(model.calls.at(-1)!.prompt).toMatch(/outside|closed|antiphon/)
})

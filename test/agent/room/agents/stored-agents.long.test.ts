import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defineAgent } from '../../../../src/agent/definition/define-agent.ts'
import type { ScriptedTurn } from '../../../../src/testing/scripted-model.ts'
import { answer, call, openGoals } from '../../goal/folder.ts'
import { agentFile } from './project.ts'

const TRIAGE = { instructions: 'You sort mail.', description: 'Sorts mail', tools: ['filesystem:read'] }
const foreign = { trusted: false }

const openStored = async (script: readonly ScriptedTurn[] = [], yaml = '') => {
  const opened = await openGoals(script, yaml)
  return { ...opened, agents: opened.runtime.agents, ended: (id: string) => ended(opened.runtime, id) }
}
const once = (reply: string) => ({ ...answer(reply), times: 1 })
type Opened = Awaited<ReturnType<typeof openGoals>>['runtime']
async function ended(runtime: Opened, id: string) {
  await runtime.idle()
  return runtime.goals.get(id)
}

test('an agent is put, listed, read and removed; each owner has their own', async () => {
  const { agents } = await openStored()
  const first = await agents.put('triage', TRIAGE, { owner: 'ann' })
  expect(first).toMatchObject({ name: 'triage', isNew: true, findings: [] })
  expect(await agents.put('triage', { ...TRIAGE, budget: undefined } as never, { owner: 'ann' })).toEqual({
    ...first,
    isNew: false,
  })
  const second = await agents.put('triage', { instructions: 'You answer mail.' }, { owner: 'ann' })
  await agents.put('triage', TRIAGE)
  const versions = [first.hash, second.hash].map((hash) => expect.objectContaining({ hash }))
  expect(await agents.get('triage', { owner: 'ann' })).toMatchObject({
    ...{ owner: 'ann', hash: second.hash, definition: { instructions: 'You answer mail.' }, versions },
  })
  const old = await agents.get('triage', { owner: 'ann', version: first.hash })
  expect(old).toMatchObject({ hash: first.hash, description: 'Sorts mail', definition: TRIAGE })
  expect(await agents.list({ owner: 'ann' })).toMatchObject([{ name: 'triage', owner: 'ann', hash: second.hash }])
  expect(await agents.list({ owner: 'bob' })).toEqual([])
  await agents.remove('triage', { owner: 'ann' })
  const gone = { code: 'not_found', message: 'There is no agent triage.' }
  await expect(agents.get('triage', { owner: 'ann' })).rejects.toMatchObject(gone)
  await expect(agents.remove('triage', { owner: 'bob' })).rejects.toMatchObject(gone)
  expect(await agents.get('triage')).toMatchObject({ owner: 'local', definition: TRIAGE })
})

test('goals, conversations and other agents find it by name, and a goal keeps its version', async () => {
  const asks = call('agent_triage', { goal: 'Sort.' })
  const script = [once('one'), once('two'), asks, once('sorted'), answer('done')]
  const { runtime, agents, model, write, path, ended, open } = await openStored(script)
  const owner = 'ann'
  await agents.put('triage', TRIAGE, { owner })
  await runtime.goals.start({ agent: 'triage', goal: 'Sort.', owner, id: 'g' })
  expect(await ended('g')).toMatchObject({ agent: 'triage', status: 'completed', answer: 'one' })
  await agents.put('triage', { instructions: 'You answer mail.' }, { owner })
  const message = { conversation: 'talk', agent: 'triage', text: 'Hi.', owner }
  expect(await runtime.conversations.send(message)).toMatchObject({ status: 'completed', answer: 'two' })
  expect(model.calls.map(({ prompt }) => /You (sort|answer)/.exec(prompt)?.[1])).toEqual(['sort', 'answer'])
  mkdirSync(path('agents'))
  write('agents/boss.md', agentFile('Leads', 'agents: [triage]'))
  await runtime.goals.start({ agent: 'boss', goal: 'Go.', owner, id: 'b' })
  expect(await ended('b')).toMatchObject({ status: 'completed', answer: 'done' })
  expect(await runtime.goals.get('b.1.call_1')).toMatchObject({ agent: 'triage', answer: 'sorted', owner })
  await expect(runtime.goals.start({ agent: 'boss', goal: 'Go.' })).rejects.toMatchObject({ code: 'invalid_agent' })
  await expect(runtime.goals.start({ agent: 'triage', goal: 'Go.' })).rejects.toMatchObject({
    ...{ code: 'not_found', hint: 'Agents: boss.' },
  })
  await expect(runtime.goals.start({ agent: 'triaeg', goal: 'Go.', owner })).rejects.toMatchObject({
    hint: 'Did you mean triage? Agents: boss, triage.',
  })
  await runtime.stop()
  expect(await (await open()).agents.list({ owner })).toHaveLength(1)
})

test('`*` stands for the agents of the project alone', async () => {
  const { runtime, agents, model, write, path, ended } = await openStored([answer('done')])
  await agents.put('triage', TRIAGE)
  mkdirSync(path('agents'))
  write('agents/boss.md', agentFile('Leads', 'agents: "*"'))
  write('agents/clerk.md', agentFile('Writes'))
  await runtime.goals.start({ agent: 'boss', goal: 'Go.', id: 'b' })
  await ended('b')
  const offered = model.calls[0]!.options.tools!.map(({ name }) => name)
  expect(offered.filter((name) => name.startsWith('agent_'))).toEqual(['agent_clerk'])
})

test('a removed agent ends no goal', async () => {
  const { runtime, agents, ended } = await openStored([call('filesystem_read', { path: 'a.md' }), answer('done')])
  await agents.put('triage', TRIAGE)
  await runtime.goals.start({ agent: 'triage', goal: 'Sort.', id: 'g' })
  await agents.remove('triage')
  expect(await ended('g')).toMatchObject({ status: 'completed', answer: 'done' })
})

test('it never stands in front of an agent of the program or of a file', async () => {
  const coded = defineAgent({ name: 'coded', instructions: 'Go.' })
  const script = [{ ...answer('of the file'), match: 'Do it.' }, answer('of run time')]
  const { runtime, path, write, model } = await openGoals(script, '', { agents: [coded] })
  const put = (name: string) => runtime.agents.put(name, TRIAGE, { owner: 'ann' })
  await put('clerk')
  await put('titled')
  mkdirSync(path('agents'))
  write('agents/clerk.md', agentFile('Writes'))
  write('agents/other.md', agentFile('Writes', 'name: Titled'))
  write('agents/boss.md', agentFile('Leads', 'agents: [Titled]'))
  for (const [name, other] of [
    ['coded', 'one of this program'],
    ['clerk', 'the file agents/clerk.md'],
    ['titled', 'the file agents/other.md'],
  ] as const)
    await expect(put(name)).rejects.toMatchObject({
      ...{ code: 'agent_taken', message: expect.stringContaining(other), place: { path: 'name' } },
    })
  await runtime.goals.start({ agent: 'clerk', goal: 'Go.', owner: 'ann', id: 'g' })
  expect(await ended(runtime, 'g')).toMatchObject({ status: 'completed', answer: 'of the file' })
  await runtime.goals.start({ agent: 'boss', goal: 'Go.', owner: 'ann', id: 'b' })
  await ended(runtime, 'b')
  const offered = model.calls.at(-1)!.options.tools!.map(({ name }) => name)
  expect(offered.filter((name) => name.startsWith('agent_'))).toEqual(['agent_other'])
})

test('a goal of an agent from the network reaches only what is open there, whoever begins it', async () => {
  const script = [call('filesystem_read', { path: 'notes.md' }), answer('done')]
  const outcomeFor = async (trusted: boolean) => {
    const { runtime, agents, write, ended } = await openStored(script)
    write('notes.md', 'Tides.')
    await agents.put('triage', TRIAGE, { trusted })
    expect((await agents.get('triage')).untrusted).toBe(trusted ? undefined : true)
    await runtime.goals.start({ agent: 'triage', goal: 'Read.', id: 'g' })
    return (await ended('g')).rounds[0]!.calls[0]!.outcome
  }
  expect(await outcomeFor(true)).toBe('succeeded')
  expect(await outcomeFor(false)).toBe('failed')
})

test('an agent from the network sees neither AGENTS.md nor limits above those of antiphon.yaml', async () => {
  const script = [answer('one')]
  const { runtime, agents, model, write, ended } = await openStored(script, 'agents: { budget: 0.5, maxTurns: 3 }\n')
  write('AGENTS.md', 'The harbour closes at nine.')
  for (const trusted of [false, true]) {
    const name = trusted ? 'own' : 'theirs'
    await agents.put(name, TRIAGE, { trusted })
    await runtime.goals.start({ agent: name, goal: 'Go.', id: name })
    await ended(name)
  }
  expect(model.calls.map(({ prompt }) => prompt.includes('harbour'))).toEqual([false, true])
  expect((await runtime.goals.get('theirs')).limits.rounds).toBe(3)
  expect((await runtime.goals.get('own')).limits.rounds).toBe(25)
  expect(await runtime.budgets.get('goal/theirs')).toMatchObject({ limit: 0.5 })
})

const WRITER = ['filesystem:append', 'filesystem:read']
/** Under each antiphon.yaml: what a definition from the network has, the key that is refused, and the hint. */
const FOREIGN: readonly (readonly [
  string,
  readonly (readonly [definition: object, path?: string, hint?: RegExp])[],
])[] = [
  [
    '',
    [
      [{ budget: 1.5 }, 'budget', /antiphon.yaml: agents: \{ budget: 1.5 \}/],
      [{ deadline: '61m' }, 'deadline', /agents: \{ deadline: 3660 \}/],
      [{ maxTurns: 26 }, 'maxTurns', /agents: \{ maxTurns: 26 \}/],
      [{ approve: 'none' }, 'approve', /Remove/],
      [{ approve: 'default', tools: WRITER }],
      [{ approve: ['filesystem:append'], tools: WRITER }],
      [{ approve: ['filesystem'], tools: WRITER }],
      [{ approve: ['filesystem:read'], tools: WRITER }, 'approve', /Add them to the list/],
      [{ approve: ['pipeline-executor'], tools: ['pipeline-executor'] }, 'approve', /Remove `approve`/],
      [{ playbook: 'agents/x.yaml' }, 'playbook', /Remove/],
      [{ file: 'agents/x.md' }, 'file', /Remove/],
      [{ mcpServers: { x: { command: 'sh' } } }, 'mcpServers', /Remove/],
      [
        { skills: [{ name: 'a', description: 'b', body: 'c', folder: '/etc' }] },
        'skills.0.folder',
        /name, description/,
      ],
      [{ skills: [{ name: 'a', description: 'b', body: 'c' }] }],
      [{ skills: ['tides'] }, 'skills.0'],
      [{ instructions: 'Say secret://stripe.' }, 'instructions', /tool of the process/],
      [{ instructions: undefined }, 'instructions', /You sort mail/],
      [{ instructions: () => 'Go.' }, 'instructions', /defineAgent/],
      [{ tools: ['filesystem:raed'] }, 'tools.0', /Did you mean filesystem:read/],
      [{ agents: ['nobody'] }, 'agents.0', /Expected one of/],
      [
        { output: { type: 'object', properties: { a: { $ref: 'http://example.com/a.json' } } } },
        'output',
        /For example|Write/,
      ],
      [{ output: { type: 'object', not: { required: ['a'] } } }, 'output', /For example|Write/],
      [{ output: 'text' }, 'output', /For example|Write/],
      [{ toolz: [] }, 'toolz', /Did you mean tools/],
      [{ name: 'other' }, 'name', /Remove/],
      [{ environment: 'bob:shop' }, 'environment', /environment: shop/],
    ],
  ],
  ['agents: { budget: 2, deadline: 2h }\n', [[{ budget: 1.5, deadline: '90m' }]]],
  ['tools: { approve: none }\n', [[{ approve: 'none', tools: WRITER }], [{ approve: [], tools: WRITER }]]],
  [
    'tools: { approve: [filesystem:read, terminal] }\n',
    [
      [{ approve: 'default', tools: WRITER }, 'approve', /Add them to the list/],
      [{ approve: ['filesystem'], tools: WRITER }, 'approve', /Add them to the list/],
      [{ approve: ['filesystem', 'terminal'], tools: WRITER }],
    ],
  ],
]

test.each(FOREIGN)('under %j an agent from the network has no more than is allowed', async (yaml, cases) => {
  const { agents } = await openStored([], yaml)
  for (const [definition, path, hint] of cases) {
    const put = agents.put('triage', { ...TRIAGE, tools: [], ...definition } as never, foreign)
    if (path === undefined) {
      expect(await put, JSON.stringify(definition)).toMatchObject({ isNew: true })
      await agents.remove('triage')
      continue
    }
    const refused = { name: 'InvalidError', code: 'invalid_agent', place: { path } }
    await expect(put).rejects.toMatchObject({ ...refused, ...(hint && { hint: expect.stringMatching(hint) }) })
  }
  expect(await agents.list()).toEqual([])
})

test('warnings about an agent are in the answer to its put, and those of a program are printed', async () => {
  const said: string[] = []
  const tools = ['filesystem:read(docs)']
  const coded = defineAgent({ name: 'coded', instructions: 'Go.', tools })
  const notice = (line: string) => void said.push(line)
  const { runtime } = await openGoals([answer('done')], '', { agents: [coded], notice })
  const message = '`filesystem:read(docs)` gives the tool as a whole: the part in parentheses has no effect'
  expect(said).toEqual([expect.stringContaining(`agent coded: warning: ${message}`)])
  for (const given of [{}, foreign]) {
    const { findings } = await runtime.agents.put('triage', { ...TRIAGE, tools }, given)
    expect(findings).toMatchObject([{ severity: 'warning', message }])
  }
  for (const agent of ['triage', 'coded']) {
    const { id } = await runtime.goals.start({ agent, goal: 'Go.' })
    expect(await ended(runtime, id)).toMatchObject({ status: 'completed' })
  }
})

test('a definition is a map of JSON with at most 256 Ki characters', async () => {
  const { agents } = await openStored()
  for (const definition of [null, undefined, 5, 'Go.', [], new Date()])
    await expect(agents.put('triage', definition as never)).rejects.toMatchObject({ code: 'invalid_agent' })
  const nested = Array.from({ length: 200 }).reduce((inside) => [inside])
  const deep = agents.put('triage', { instructions: 'Go.', output: nested } as never)
  await expect(deep).rejects.toMatchObject({ code: 'invalid_agent', place: { path: 'output' } })
  const put = agents.put('triage', { instructions: 'x'.repeat(256 * 1024) })
  await expect(put).rejects.toMatchObject({ code: 'invalid_agent', hint: 'Shorten the instructions.' })
})

test('an owner has at most as many agents as antiphon.yaml allows', async () => {
  const { agents } = await openStored([], 'agents: { count: 2 }\n')
  for (const name of ['a', 'b', 'b']) await agents.put(name, TRIAGE, { owner: 'ann' })
  await expect(agents.put('c', TRIAGE, { owner: 'ann' })).rejects.toMatchObject({
    ...{ code: 'too_many_agents', hint: 'Remove one of them, or raise `agents: { count }` in antiphon.yaml.' },
  })
  await agents.put('c', TRIAGE, { owner: 'bob' })
  await expect(agents.put('Bad name', TRIAGE)).rejects.toMatchObject({ code: 'invalid_agent', place: { path: 'name' } })
})

test('rules of antiphon.yaml that have become stricter hold when a goal begins', async () => {
  const { agents, runtime, open, write } = await openStored([answer('hi')], 'agents: { budget: 5 }\n')
  await agents.put('triage', { ...TRIAGE, budget: 4 }, foreign)
  await runtime.stop()
  write('antiphon.yaml', 'model: lab/one\nmodels: [{ id: lab/one }]\n')
  await expect((await open()).goals.start({ agent: 'triage', goal: 'Go.' })).rejects.toMatchObject({
    ...{ code: 'invalid_agent', place: { path: 'budget' }, message: expect.stringContaining('at most 1, got 4') },
  })
})

test('a step of a pipeline asks an agent of its owner without a warning', async () => {
  const coded = defineAgent({ name: 'coded', instructions: 'Go.' })
  const { runtime } = await openGoals([answer('done')], '', { agents: [coded] })
  await runtime.agents.put('triage', TRIAGE, { owner: 'ann' })
  const step = (agent: string) => `  - { id: ${agent}, tool: agent, parameters: { agent: ${agent}, goal: Go. } }\n`
  const text = `name: p\nsteps:\n${step('triage')}${step('coded')}`
  const findingsFor = async (owner: string) =>
    (await runtime.pipelines.validate({ source: { text } }, { owner })).findings.map(({ code, step }) => [code, step])
  expect(await findingsFor('ann')).toEqual([])
  expect(await findingsFor('bob')).toEqual([['would_fail', 'triage']])
  const { id } = await runtime.runs.start({ source: { text }, owner: 'ann' })
  await runtime.idle()
  expect((await runtime.runs.get(id)).status).toBe('completed')
  expect(await runtime.goals.list({ owner: 'ann', agent: 'triage' })).toMatchObject([{ status: 'completed' }])
})

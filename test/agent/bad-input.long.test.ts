import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { createApp } from '../../src/http/server/app.ts'
import { runHere } from '../cli/here.ts'
import { realWith } from '../cli/programs.ts'
import { post } from '../http/bench.ts'
import { answer, openGoals } from './goal/folder.ts'
import { agentFile, skillFile } from './room/agents/project.ts'

type Files = { readonly [path: string]: string }

/** A project with files, asked over HTTP and then by commands. */
async function openProject(files: Files) {
  const opened = await openGoals([answer('well')])
  const { folder, path, write, runtime, model } = opened
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(path(name)), { recursive: true })
    write(name, text)
  }
  const app = createApp(runtime)
  return {
    ...opened,
    async ask(target: string, body: object) {
      const response = await app.request(`/v1${target}`, post(JSON.stringify(body)))
      return { status: response.status, body: (await response.json()) as Refusal }
    },
    async command(...args: readonly string[]) {
      await runtime.stop({ grace: 0 })
      return runHere(realWith({ 'lab/one': model }), ['agent', ...args], {
        folder,
        environment: { PATH: process.env.PATH },
      })
    },
  }
}

type Refusal = {
  readonly code: string
  readonly detail: string
  readonly hint?: string
  readonly place?: { readonly file?: string; readonly line?: number; readonly path?: string }
}

const SKILL = {
  'skills/tides/SKILL.md': skillFile('tides'),
  'skills/tides/playbook.yaml': 'name: tides\nsteps:\n  - { id: read, tool: filesystem, action: raed }\n',
}
const GOAL = 'Do the chores.'
const invalid = { code: 'invalid_agent', status: 400 }

type Case = {
  readonly files?: Files
  readonly goal?: string
  readonly agent?: string
  readonly code: string
  readonly status: number
  readonly message: RegExp
  /** as people read it; absent: a field of the request */
  readonly place?: string
  readonly hint: RegExp
}

const clerk = (...lines: readonly string[]) => ({ 'agents/clerk.md': agentFile('Keeps notes', ...lines) })

test.each<[string, Case]>([
  [
    'a definition that is not YAML',
    {
      ...invalid,
      files: { 'agents/clerk.md': '---\ndescription: Keeps notes\ntools: [Read\n---\nDo it.\n' },
      message: /./,
      place: 'agents/clerk.md:4:1',
      hint: /a line of its own/,
    },
  ],
  [
    'a definition that is a list',
    {
      ...invalid,
      files: { 'agents/clerk.md': '---\n- Read\n---\nDo it.\n' },
      message: /expected keys with values/,
      place: 'agents/clerk.md:2:1',
      hint: /a line of its own/,
    },
  ],
  [
    'a definition without front matter',
    {
      ...invalid,
      files: { 'agents/clerk.md': 'You keep notes.\n' },
      message: /expected front matter/,
      place: 'agents/clerk.md:1:1',
      hint: /Begin the file with ---/,
    },
  ],
  [
    'a definition without a description',
    {
      ...invalid,
      files: { 'agents/clerk.md': '---\ntools: Read\n---\nDo it.\n' },
      message: /there is no `description`/,
      place: 'agents/clerk.md:2:1',
      hint: /description: Keeps notes/,
    },
  ],
  [
    'a tool that does not exist',
    {
      ...invalid,
      files: clerk('tools: Raed'),
      message: /no tool `Raed`/,
      place: 'agents/clerk.md:3:8',
      hint: /mean Read/,
    },
  ],
  [
    'a tool to approve that does not exist',
    {
      ...invalid,
      files: clerk('approve: [Edti]'),
      message: /no tool/,
      place: 'agents/clerk.md:3:11',
      hint: /mean Edit/,
    },
  ],
  [
    'a skill that does not exist',
    {
      ...invalid,
      files: clerk('skills: [tides]'),
      message: /no skill `tides`/,
      place: 'agents/clerk.md:3:10',
      hint: /skills\/tides\/SKILL.md/,
    },
  ],
  [
    'a playbook that does not exist',
    {
      ...invalid,
      files: clerk('playbook: tidy.yaml'),
      message: /no file `tidy.yaml`/,
      place: 'agents/clerk.md:3:11',
      hint: /folder of the project/,
    },
  ],
  [
    'an agent that does not exist',
    {
      ...invalid,
      files: clerk('agents: [clrek]'),
      message: /no agent `clrek`/,
      place: 'agents/clerk.md:3:10',
      hint: /mean clerk/,
    },
  ],
  [
    'a server that does not exist',
    {
      ...invalid,
      files: clerk('mcpServers: [github]'),
      message: /no server/,
      place: 'agents/clerk.md:3:14',
      hint: /antiphon.yaml/,
    },
  ],
  [
    'a skill whose playbook does not compile',
    {
      code: 'invalid_pipeline',
      status: 400,
      files: { ...clerk('skills: [tides]'), ...SKILL },
      message: /raed/,
      place: 'skills/tides/playbook.yaml:3:43',
      hint: /read/,
    },
  ],
  [
    'a skill that cannot be read',
    {
      ...invalid,
      files: { ...clerk('skills: [tides]'), 'skills/tides/SKILL.md': '---\nname: tides\n---\nDo it.\n' },
      message: /the skill has no `description`/,
      place: 'skills/tides/SKILL.md:2:1',
      hint: /chooses a skill/,
    },
  ],
  [
    'an empty goal',
    { code: 'invalid_input', status: 400, goal: '', message: /empty text/, hint: /what is to be done/ },
  ],
  [
    'a goal of blanks',
    { code: 'invalid_input', status: 400, goal: ' \n', message: /empty text/, hint: /what is to be done/ },
  ],
  [
    'a goal of 1 MB',
    {
      code: 'invalid_input',
      status: 400,
      goal: 'x'.repeat(1_000_000),
      message: /at most 32000 characters, got 1000000/,
      hint: /into a file/,
    },
  ],
])('%s is refused with a code, a place and a hint', async (_, wanted) => {
  const { files = clerk(), goal = GOAL, code, status, message, place, hint } = wanted
  const { ask, command, runtime, model } = await openProject(files)
  const { status: given, body } = await ask('/agents/clerk/goals', { goal })
  expect({ given, ...body }).toMatchObject({
    ...{ given: status, code, detail: expect.stringMatching(message), hint: expect.stringMatching(hint) },
    place: place === undefined ? { path: 'goal' } : { file: expect.any(String) },
  })
  const { file, line, column } = body.place as { file?: string; line?: number; column?: number }
  if (place !== undefined) expect([file, line, column].join(':')).toBe(place)
  expect(await runtime.goals.list()).toEqual([])
  const { code: exit, out, err } = await command('run', 'clerk', goal)
  expect({ exit, out }).toEqual({ exit: 2, out: '' })
  expect(err).toMatch(message)
  expect(err).toMatch(hint)
  if (place !== undefined) expect(err).toContain(`${place}: `)
  expect(model.calls).toEqual([])
})

test('a model that does not exist is refused, and never becomes the default model', async () => {
  const { ask } = await openProject(clerk('model: opnai/such-model'))
  expect(await ask('/agents/clerk/goals', { goal: GOAL, id: 'chores' })).toMatchObject({
    status: 400,
    body: { code: 'invalid_agent', hint: expect.stringContaining('Did you mean openai?') },
  })
})

test('an agent that does not exist is not found, and similar names are named', async () => {
  const { ask, command } = await openProject(clerk())
  expect(await ask('/agents/clrek/goals', { goal: GOAL })).toMatchObject({
    status: 404,
    body: { code: 'not_found', hint: expect.stringContaining('Did you mean clerk?') },
  })
  expect(await command('run', 'clrek', GOAL)).toMatchObject({ code: 2, err: expect.stringContaining('mean clerk?') })
})

test('a goal that has ended takes no text and is not resumed', async () => {
  const { ask, command, runtime } = await openProject(clerk())
  await ask('/agents/clerk/goals', { goal: GOAL, id: 'chores' })
  await runtime.idle()
  const over = {
    status: 409,
    body: {
      ...{ code: 'goal_over', place: { path: 'goal' }, detail: 'The goal chores has ended: it is completed.' },
      hint: expect.stringContaining('antiphon agent show chores'),
    },
  }
  expect(await ask('/goals/chores/tell', { text: 'Hurry.' })).toMatchObject(over)
  expect(await ask('/goals/chores/pause', {})).toMatchObject(over)
  expect(await ask('/goals/chores/resume', {})).toMatchObject(over)
  expect(await ask('/goals/chores/cancel', {})).toMatchObject(over)
  const refused = { code: 2, out: '', err: expect.stringMatching(/has ended: it is completed\.\n.*agent show chores/) }
  expect(await command('tell', 'chores', 'Hurry.')).toMatchObject(refused)
  expect(await command('resume', 'chores', '--rounds', '3')).toMatchObject(refused)
  // without anything to add, it follows the goal to its end, as after --detach
  expect(await command('resume', 'chores')).toMatchObject({ code: 0, out: 'well\n' })
})

test('an id that is taken by another goal or by a run is refused, and the same request starts one goal', async () => {
  const { ask, command, runtime, model } = await openProject(clerk())
  await runtime.tools.call([{ tool: 'debug', parameters: { message: 'a' } }], { id: 'run' })
  const chores = { goal: GOAL, id: 'chores' }
  for (let times = 0; times < 2; times++)
    expect(await ask('/agents/clerk/goals', chores)).toMatchObject({ status: 202 })
  await runtime.idle()
  expect(model.calls.length).toBe(1)
  const taken = { status: 409, body: { code: 'id_taken', place: { path: 'id' }, hint: 'Use another id.' } }
  expect(await ask('/agents/clerk/goals', { goal: 'Something else.', id: 'chores' })).toMatchObject(taken)
  expect(await ask('/agents/clerk/goals', { goal: GOAL, id: 'run' })).toMatchObject(taken)
  const refused = await command('run', 'clerk', 'Something else.', '--id', 'chores')
  expect(refused).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringMatching(/taken by another goal\n {2}Use another/),
  })
})

test("another owner's goal looks like a missing one, and its id is taken", async () => {
  const { runtime } = await openProject(clerk())
  const identify = ({ headers }: Request) => ({
    ...{ owner: headers.get('x-owner')!, key: 'k', local: false },
    scopes: ['read' as const, 'run' as const],
  })
  const app = createApp(runtime, { identify })
  const ask = async (owner: string, target: string, body?: object) => {
    const init = body ? post(JSON.stringify(body), { 'x-owner': owner }) : { headers: { 'x-owner': owner } }
    const response = await app.request(`/v1${target}`, init)
    return { status: response.status, body: (await response.json()) as object }
  }
  expect(await ask('ann', '/agents/clerk/goals', { goal: GOAL, id: 'chores' })).toMatchObject({ status: 202 })
  await runtime.idle()
  expect(await ask('ann', '/goals/chores')).toMatchObject({ status: 200 })
  const missing = await ask('bob', '/goals/nothing')
  expect(missing).toMatchObject({ status: 404, body: { code: 'not_found', hint: expect.any(String) } })
  const asked: readonly (readonly [string, object | undefined])[] = [
    ['', undefined],
    ['/events', undefined],
    ['/tell', { text: 'Hurry.' }],
    ['/pause', {}],
    ['/resume', {}],
    ['/cancel', {}],
    ['/rate', { rating: 'good' }],
  ]
  for (const [route, body] of asked) {
    const { status, body: document } = await ask('bob', `/goals/chores${route}`, body)
    expect([status, document], route).toEqual([404, { ...missing.body, detail: 'There is no goal chores.' }])
  }
  expect(await ask('bob', '/goals')).toMatchObject({ body: { items: [] } })
  const taken = { status: 409, body: { code: 'id_taken', place: { path: 'id' } } }
  expect(await ask('bob', '/agents/clerk/goals', { goal: GOAL, id: 'chores' })).toMatchObject(taken)
})

test('a time that agent show cannot read is refused, and rounds are shown by their time', async () => {
  const { command, runtime } = await openProject(clerk())
  await runtime.goals.start({ agent: 'clerk', goal: 'Tidy up.', id: 'chores' })
  await runtime.idle()
  expect((await runtime.goals.get('chores')).rounds[0]!.at).toEqual(expect.any(Number))
  expect(await command('show', 'chores', '--since', 'abc')).toMatchObject({
    ...{ code: 2, out: '' },
    err: expect.stringContaining('Expected a time such as 30d, 12h, 45m or 90s.'),
  })
  expect(await command('show', 'chores', '--since', '1h')).toMatchObject({ code: 0 })
})

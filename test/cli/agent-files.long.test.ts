import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import type { Cli } from '../../src/cli/cli.ts'
import { loadCommands } from '../../src/cli/command-list.ts'
import { createProgram } from '../../src/cli/program.ts'
import { agentFile, bareAgentFile, skillFile } from '../agent/room/agents/project.ts'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { NOTHING, REAL } from './programs.ts'

/** A project with files, and the command `agent` in it. */
function open(files: { readonly [path: string]: string } = {}) {
  const bench = openBench()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(bench.path(path)), { recursive: true })
    bench.write(path, text)
  }
  return { ...bench, agent: (...args: string[]) => runHere(REAL, ['agent', ...args], bench) }
}

test('agent new writes an agent with a playbook without findings', async () => {
  const { agent, path } = open()
  const made = await agent('new', 'clerk')
  expect(made).toMatchObject({ code: 0, out: 'agents/clerk.md\nagents/clerk.yaml\n' })
  expect(made.err).toContain('antiphon agent check clerk\n')
  expect(readFileSync(path('agents/clerk.md'), 'utf8')).toMatch(/^---\nname: clerk\ndescription: /)
  expect(await agent('check', 'agents/clerk.md', '--json')).toMatchObject({ code: 0, err: '' })
  expect(JSON.parse((await agent('check', 'clerk', '--json')).out)).toMatchObject({
    agent_file: 'agents/clerk.md',
    valid: true,
    agent: 'clerk',
    skills: [],
    findings: [],
  })
  expect(existsSync(path('.antiphon'))).toBe(false)
})

test('a new agent does its first goal without a model, once a person has approved it', async () => {
  const { agent, folder, path } = open()
  const [, goal = ''] = /agent run clerk '(.*)'/.exec((await agent('new', 'clerk')).err) ?? []
  expect(await agent('run', 'clerk', goal, '--id', 'first')).toMatchObject({
    code: 1,
    err: expect.stringContaining(
      'It follows the playbook `clerk` (run first.playbook).\nA call waits for a person (exit code 1). To see it',
    ),
  })
  expect(existsSync(path('notes.md'))).toBe(false)
  const inbox = await runHere(REAL, ['inbox'], { folder })
  const answer = 'antiphon signal first.playbook call:add approve'
  expect(inbox.out).toContain(`→ ${answer}\n`)
  expect((await runHere(REAL, ['inbox', 'first'], { folder })).out).toContain(`→ ${answer}\n`)
  expect((await runHere(REAL, ['inbox', 'none'], { folder })).err).toContain('no run none')
  const why = await runHere(REAL, ['why', 'first'], { folder })
  expect(why.out).toMatch(/^agent\/first {2}waiting\n.*\n {2}run\/first.playbook {2}waiting\n/)
  expect(why.out).toContain(`→ to continue: ${answer} (`)
  expect((await agent('list')).out).toMatch(/first +clerk +waiting/)
  expect((await agent('show', 'first')).out).toMatch(
    /^first of clerk {2}waiting {2}[\s\S]*\nIt waits for you: antiphon inbox\n$/,
  )
  expect((await runHere(REAL, ['tree', 'first'], { folder })).out).not.toContain('running')
  expect(await runHere(REAL, ['signal', 'first.playbook', 'call:add', 'approve'], { folder })).toMatchObject({
    code: 0,
    err: expect.stringContaining('first.playbook received `approve` at step `add`. To follow'),
  })
  const resumed = await agent('resume', 'last')
  expect(resumed).toMatchObject({ code: 0, out: 'notes.md\n', err: expect.stringMatching(/^clerk continues\.\n/) })
  expect((await agent('show', 'first')).out).toMatch(/\nAnswer: notes\.md\n$/)
  expect(readFileSync(path('notes.md'), 'utf8')).toBe('- Note that the harbour closes at nine on Friday\n')
})

test('a goal whose person ends the input at a question waits as without a terminal', async () => {
  const { agent, folder } = open()
  const [, goal = ''] = /agent run clerk '(.*)'/.exec((await agent('new', 'clerk')).err) ?? []
  const ended = await runHere(REAL, ['agent', 'run', 'clerk', goal, '--id', 'first'], {
    folder,
    read: async () => undefined,
  })
  expect(ended).toMatchObject({ code: 1, out: '' })
  expect(ended.err).toMatch(
    /\n\nA call waits for a person \(exit code 1\)\. .*\n {2}antiphon inbox\n {2}antiphon agent resume first\n$/,
  )
})

test('a goal that failed is shown with what can be done about it', async () => {
  const { agent } = open()
  await agent('new', 'clerk')
  expect(await agent('run', 'clerk', 'Tell the tides', '--id', 'tides')).toMatchObject({ code: 1 })
  expect((await agent('show', 'tides')).out).toMatch(
    /\nno_agent_model: The offline model cannot choose tools\.\n {2}The goal fits no playbook: clerk .+\n$/,
  )
})

test.each(['bad id/..', '..', 'tides.1', '', '-a', 'a'.repeat(101)])('agent run takes no goal id %j', async (id) => {
  const { agent, path } = open()
  await agent('new', 'clerk')
  expect(await agent('run', 'clerk', 'Tell the tides', `--id=${id}`)).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining(`${JSON.stringify(id.slice(0, 120))} is not a valid id of a goal.`),
  })
  expect(existsSync(path('.antiphon'))).toBe(false)
})

test('agent new overwrites nothing and takes no other names', async () => {
  const { agent, path } = open({ 'agents/clerk.md': 'mine', 'agents/scout.yaml': 'mine' })
  for (const name of ['clerk', 'scout'])
    expect(await agent('new', name)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('already exists') })
  expect(readFileSync(path('agents/clerk.md'), 'utf8')).toBe('mine')
  expect([existsSync(path('agents/clerk.yaml')), existsSync(path('agents/scout.md'))]).toEqual([false, false])
  for (const name of ['Clerk', '../clerk', 'a b']) expect(await agent('new', name)).toMatchObject({ code: 2, out: '' })
})

test('agent check shows all agents with what is found in them and what is ignored', async () => {
  const { agent } = open({
    'agents/clerk.md': agentFile('Keeps notes', 'bugdet: 1', 'tools: [Read]'),
    '.claude/agents/reviewer.md': bareAgentFile('Reviews', 'model: opus', 'color: blue'),
  })
  expect(await agent('check')).toEqual({
    code: 0,
    err: '',
    out: [
      '✓ agents/clerk.md is valid with 1 warning',
      '  clerk, 1 tool, 0 skills',
      'agents/clerk.md:3:1: warning: the key `bugdet` is unknown and is ignored',
      '  Did you mean budget?',
      '✓ .claude/agents/reviewer.md is valid',
      '  reviewer, 13 tools, 0 skills',
      '.claude/agents/reviewer.md:2:1: info: the file names no `tools` and is of another product (it is in .claude), so the agent gets filesystem:read, filesystem:write, filesystem:edit, filesystem:search, filesystem:list, terminal, headless-browser, web-search',
      '.claude/agents/reviewer.md:3:8: info: `opus` is not configured here: the default model is used',
      '.claude/agents/reviewer.md:4:1: info: `color` is ignored',
      '',
    ].join('\n'),
  })
})

test('agent check ends with 2 when an agent is not valid', async () => {
  const { agent } = open({
    'agents/clerk.md': agentFile('Keeps notes', 'tools: [Raed]'),
    'agents/scout.md': agentFile('Looks around'),
  })
  const { code, out } = await agent('check')
  expect(code).toBe(2)
  expect(out).toMatch(
    /^✗ agents\/clerk.md is not valid\nagents\/clerk.md:3:9: error: there is no tool `Raed`\n {2}Did you mean Read\?\n✓/,
  )
  expect((await agent('check', 'scout')).code).toBe(0)
  const listed = JSON.parse((await agent('check', '--json')).out)
  expect(listed).toMatchObject([
    { agent_file: 'agents/clerk.md', valid: false, error: 'there is no tool `Raed`' },
    { agent_file: 'agents/scout.md', valid: true },
  ])
  expect(listed[0].findings).toEqual([
    {
      severity: 'error',
      message: 'there is no tool `Raed`',
      suggestions: ['Did you mean Read?'],
      file: 'agents/clerk.md',
      line: 3,
      column: 9,
    },
  ])
  expect(await agent('check', 'scuot')).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean scout?') })
})

test('agent check and agent show name the tools that an agent does not get', async () => {
  const unknown = Array.from({ length: 6 }, (_, index) => `tool_${index}`)
  const { agent } = open({ '.github/agents/scout.agent.md': agentFile('Looks around', `tools: [${unknown}]`) })
  const { code, out } = await agent('check')
  expect(code).toBe(0)
  expect(out).toContain('is valid with 7 warnings\n  scout, 0 tools, 0 skills\n')
  expect(out).toContain('warning: no tool of `tools` exists here, so the agent has none\n')
  await agent('run', 'scout', 'Look around', '--id', 'look')
  const shown = (await agent('show', 'look')).out
  expect(shown).toContain('\n  tools: there is no tool `tool_0`, so the agent does not get it\n')
  expect(shown).toContain('\n  tools: 2 more, see: antiphon agent check scout\n')
  expect(JSON.parse((await agent('show', 'look', '--json')).out).toolNotes.length).toBe(7)
})

test('agent check says that there is no agent', async () => {
  const { agent } = open()
  expect(await agent('check')).toMatchObject({ code: 0, out: '', err: expect.stringContaining('antiphon agent new') })
  expect(await agent('check', '--json')).toMatchObject({ code: 0, out: '[]\n' })
})

test('agent check compiles the playbooks of the agent and of its skills', async () => {
  const good = 'name: tides\nsteps:\n  - { id: a, tool: debug, parameters: { message: ebb } }\n'
  const { agent, write } = open({
    'agents/clerk.md': agentFile('Keeps notes', 'tools: [debug]', 'playbook: day.yaml'),
    'day.yaml': good,
    'skills/tides/SKILL.md': skillFile('tides'),
    'skills/tides/playbook.yaml': good,
  })
  expect(await agent('check')).toMatchObject({ code: 0, out: expect.stringContaining('clerk, 1 tool, 1 skill\n') })
  write('skills/tides/playbook.yaml', good.replace('debug', 'debgu'))
  const broken = await agent('check')
  expect(broken.code).toBe(2)
  expect(broken.out).toContain('skills/tides/playbook.yaml:3:20: error: the playbook: there is no tool `debgu`')
  write('skills/tides/playbook.yaml', good)
  write('day.yaml', good.replace('debug', 'terminal, action: execute').replace('message: ebb', 'command: ls'))
  expect((await agent('check')).out).toContain(
    'day.yaml: error: the playbook: the step a calls terminal:execute, which the agent does not have',
  )
  write('day.yaml', 'steps: 7')
  expect(await agent('check')).toMatchObject({ code: 2, out: expect.stringContaining('day.yaml:') })
})

test('files are written and checked only on this machine', async () => {
  const { commands } = createProgram({} as Cli, await loadCommands()).commands.find(
    (command) => command.name() === 'agent',
  )!
  const leaves = commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]))
  const remote = leaves.filter(({ options }) => options.some(({ long }) => long === '--server'))
  const names = remote.map((command) => command.name())
  const here = ['new', 'check', 'test']
  expect(names).toEqual(leaves.map((command) => command.name()).filter((name) => !here.includes(name)))
  expect(names).toContain('run')
  const { folder } = open()
  const refused = await runHere(NOTHING, ['agent', 'check', '--server', 'http://127.0.0.1:1'], { folder })
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("unknown option '--server'") })
})

test('an agent with an output prints a value, and a schema that cannot be used is reported', async () => {
  const step = '{ id: say, tool: echo, parameters: { action: say, message: good } }'
  const { agent } = open({
    'agents/clerk.md':
      '---\ndescription: Copies the note\ntools: echo\nplaybook: copy.yaml\noutput: { type: object }\n---\nGo.',
    'agents/odd.md': '---\ndescription: Odd\ntools: echo\noutput: { type: string }\n---\nGo.',
    'copy.yaml': `name: copy\nsteps:\n  - ${step}\noutputs: { refund: true }\n`,
  })
  const value = { refund: true }
  const ran = await agent('run', 'clerk', 'Copy the note')
  expect(ran.code).toBe(0)
  expect(JSON.parse(ran.out)).toEqual(value)
  const { out } = await agent('run', 'clerk', 'Copy the note', '--json')
  expect(JSON.parse(out)).toMatchObject({ output: value, answer: JSON.stringify(value) })
  const checked = await agent('check', 'odd')
  expect(checked).toMatchObject({ code: 2 })
  expect(checked.out + checked.err).toContain(
    'agents/odd.md:4:9: error: `output`: expected a schema with `type: object`',
  )
})

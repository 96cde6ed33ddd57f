import { expect, test } from 'vitest'
import { toInvalidAgent } from '../../../src/agent/definition/finding.ts'
import { threadTime } from '../../thread-time.ts'
import { agentWith, bareAgent, PROJECT, parse } from './parsing.ts'

test('the smallest file has the tools that look and all skills', () => {
  const { definition, said } = parse(bareAgent(), { project: 'Write plainly.' })
  const note =
    'the file names no `tools`, so the agent gets only those that look: filesystem:read, filesystem:search, filesystem:list, web-search'
  expect(said).toEqual([`info 2:1 ${note}`])
  expect(definition).toEqual({
    ...{ name: 'clerk', description: 'Keeps notes', instructions: 'You keep notes.', project: 'Write plainly.' },
    tools: ['filesystem:read', 'filesystem:search', 'filesystem:list', 'web-search'],
    toolNotes: [note],
    skills: [{ name: 'letters', description: 'Writes letters', body: 'Be brief.', folder: 'skills/letters' }],
  })
})

test('a file can have all keys', () => {
  const { definition, findings } = parse(
    agentWith(
      ...['name: filer', 'tools: [filesystem:read, filesystem:append]', 'model: lab/one', 'maxTurns: 7'],
      ...['skills: letters', 'approve: [filesystem:append]', 'budget: 0.5', 'deadline: 30m', 'agents: reviewer'],
      ...['playbook: playbooks/tides.yaml', 'environment: docs', 'on_unknown: tell', 'on_failure: undo'],
      ...['timeout: 30s', 'retry: 1', 'memory: { space: work/tides, recall: 0 }'],
    ),
  )
  expect(findings).toEqual([])
  expect(definition).toMatchObject({
    ...{ name: 'filer', tools: ['filesystem:read', 'filesystem:append'], model: 'lab/one', maxTurns: 7 },
    ...{
      approve: ['filesystem:append'],
      budget: 0.5,
      deadline: 1800,
      agents: [{ name: 'reviewer', description: 'Reviews' }],
    },
    ...{ playbook: 'playbooks/tides.yaml', environment: 'docs', onUnknown: 'tell', onFailure: 'undo' },
    ...{ timeout: 30, retry: 1, memory: { space: 'work/tides', recall: 0 } },
  })
  expect(definition.skills.length).toBe(1)
})

test.each([
  ['{ space: agents/other }', 'expected a space outside of `agents`, or below `agents/clerk`'],
  ['{ space: /work }', 'expected a path such as work/alpha, of at most 200 characters, got "/work"'],
  ['{ recall: 51 }', 'expected a whole number from 0 to 50, got 51'],
  ['{ size: 5 }', 'expected only `space`, `recall` and `read`, got 5'],
  ['{ read: owner }', 'expected a list of at most 20 spaces, such as [owner, shop/docs], got "owner"'],
  ['{ read: [owner, agents/other] }', 'expected `owner`, or a space outside of `agents`'],
  ['{ read: [""] }', '`memory.read.0`: expected a text, got ""'],
  ['[5]', 'expected a map, got [5]'],
])('memory: %s is an error', (written, expected) => {
  expect(parse(agentWith(`memory: ${written}`)).said).toEqual([expect.stringContaining(expected)])
})

test('an agent may have a space below its own', () => {
  expect(parse(agentWith('memory: { space: agents/clerk/tides }')).said).toEqual([])
})

test.each([
  ['90', 90],
  ['45s', 45],
  ['1.5h', 5400],
  ['"2 d"', 172_800],
])('a deadline of %s', (written, seconds) => {
  expect(parse(agentWith(`deadline: ${written}`)).definition.deadline).toBe(seconds)
})

test('a deadline that is not a time is an error', () => {
  expect(parse(agentWith('deadline: soon')).said).toEqual([
    'error 3:11 `deadline`: expected seconds, or a time such as 30m, 2h or 1d, got "soon"',
  ])
  expect(parse(agentWith('deadline: 0s')).said).toEqual([expect.stringContaining('error 3:11 `deadline`')])
})

test.each([
  [['description: x'], 'error 1:1 expected front matter between two lines of ---'],
  [['---', 'description: [a', '---'], expect.stringMatching(/^error 3:1 this is not YAML/)],
  [['---', 'just words', '---'], 'error 2:1 expected keys with values in the front matter, got a text'],
  [['---', '---', 'x'], expect.stringMatching(/^error 2:1 there is no `description`/)],
  [['---', 'description: ""', '---'], 'error 2:14 `description`: expected a text, got ""'],
  [['---', 'name: a', 'maxTurns: 1', '---'], expect.stringMatching(/^error 2:1 there is no `description`/)],
])('a file that cannot be read: %j', (lines, expected) => {
  const { definition, said, findings } = parse(lines)
  expect(definition).toBeUndefined()
  expect(said).toEqual([expected])
  expect(toInvalidAgent(findings)).toMatchObject({ code: 'invalid_agent', place: { file: PROJECT.file } })
})

test('a file of more than 256 KiB is an error', () => {
  expect(parse([...agentWith(), 'x'.repeat(256 * 1024)]).said).toEqual(['error 1:1 the file is larger than 256 KiB'])
})

test('the name of an environment is one that a goal can perceive', () => {
  const { definition, said } = parse(agentWith('environment: bob:shop'))
  expect(definition).toBeUndefined()
  expect(said).toEqual([
    'error 3:14 `environment`: expected letters, digits, dots, hyphens and underscores, got "bob:shop"',
  ])
  expect(parse(agentWith('environment: shop')).definition.environment).toBe('shop')
})

test('all faults of a file are found, and the error tells the first one', () => {
  const { said, findings } = parse(agentWith('maxTurns: many', 'budget: -1', 'on_unknown: guess'))
  expect(said).toEqual([
    'error 3:11 `maxTurns`: expected a number, got "many"',
    'error 4:9 `budget`: expected a number of 0 or more, got -1',
    'error 5:13 `on_unknown`: expected one of ask, tell, fail, got "guess"',
  ])
  expect(toInvalidAgent(findings)!.message).toMatch(/^`maxTurns`.* \(and 2 more\)$/)
  expect(toInvalidAgent(parse(agentWith()).findings)).toBeUndefined()
})

test.each([
  ['skills: [leters]', 'error 3:10 there is no skill `leters`', 'Did you mean letters?'],
  ['agents: [reviewr]', 'error 3:10 there is no agent `reviewr`', 'Did you mean reviewer?'],
  ['agents: [clerk]', 'error 3:10 an agent cannot ask itself', undefined],
  [
    'tools: [agent:reviewer]',
    'error 3:9 `agent:reviewer` is not a tool of this list',
    'Write `agents: [reviewer]`: that gives agent:reviewer and hand_off:reviewer.',
  ],
  ['agents: stranger', 'error 3:9 there is no agent `stranger`', 'Expected one of: clerk, reviewer.'],
  [
    'playbook: tides.yaml',
    'error 3:11 there is no file `tides.yaml` in the project',
    'Expected a path relative to the folder of the project.',
  ],
  ['mcpServers: [githib]', 'error 3:14 there is no server `githib`', 'Did you mean github?'],
])('%s names something that does not exist', (line, said, hint) => {
  const parsed = parse(agentWith(line))
  expect(parsed.said).toEqual([said])
  expect(parsed.findings[0]!.hint).toBe(hint)
  expect(parsed.definition).toBeUndefined()
})

test('an unknown key is a warning, and the agent runs', () => {
  const { definition, said, findings } = parse(agentWith('bugdet: 1', 'tone: friendly'))
  expect(definition.budget).toBeUndefined()
  expect(said).toEqual([
    'warning 3:1 the key `bugdet` is unknown and is ignored',
    'warning 4:1 the key `tone` is unknown and is ignored',
  ])
  expect(findings[0]!.hint).toBe('Did you mean budget?')
  expect(findings[1]!.hint).toMatch(/^Known keys: name, description, tools/)
})

const MODELS = ['sonnet', 'opus', 'haiku', 'inherit', 'lab/two']

test.each(MODELS)('in a file of another product, the model %s is the default model', (model) => {
  const { definition, said } = parse(agentWith(`model: ${model}`), { file: '.claude/agents/clerk.md' })
  expect(definition).not.toHaveProperty('model')
  expect(said).toEqual([`info 3:8 \`${model}\` is not configured here: the default model is used`])
})

test.each(MODELS)('in a file of antiphon, the model %s is an error', (model) => {
  const { definition, said } = parse(agentWith(`model: ${model}`))
  expect(definition).toBeUndefined()
  expect(said).toEqual([`error 3:8 \`model\`: there is no model ${model}`])
})

test('a model that lacks its key stays the model of the agent', () => {
  const { definition, said } = parse(agentWith('model: [lab/two, openai/one]'))
  expect(definition.model).toBe('openai/one')
  expect(said).toEqual(['warning 3:8 the model openai/one needs a key: its goals and messages wait'])
})

test('the configured models of a list are kept in their order', () => {
  const { definition } = parse(agentWith('model: [lab/three, GPT-5, lab/one, lab/three]'))
  expect(definition).toMatchObject({ model: 'lab/three', otherModels: ['lab/one'] })
})

test('an agent with several models uses the first configured one', () => {
  const { definition, findings } = parse(agentWith('model: [GPT-5, lab/one]'))
  expect(definition.model).toBe('lab/one')
  expect(findings).toEqual([])
})

test.each([
  ...['permissionMode: bypassPermissions', 'permissionMode: acceptEdits', 'permissionMode: dontAsk'],
  ...[
    'permissionMode: anything',
    'dangerouslySkipPermissions: true',
    'autoApprove: [Bash]',
    'permissions: { allow: [Bash] }',
  ],
])('%s would widen rights and is refused', (line) => {
  const { definition, said } = parse(agentWith(line))
  expect(definition).toBeUndefined()
  expect(said).toEqual([expect.stringMatching(/^error 3:\d+ `.*` would widen the rights of the agent$/)])
})

test('modes that give no rights are ignored, and the file may approve calls', () => {
  expect(parse(agentWith('permissionMode: default')).said).toEqual(['info 3:1 `permissionMode` is ignored'])
  expect(parse(agentWith('permissionMode: plan')).findings).toMatchObject([{ severity: 'warning' }])
  const { definition, findings } = parse(agentWith('approve: none'))
  expect(findings).toEqual([])
  expect(definition.approve).toBe('none')
})

test('a skill that no model may choose is given to no agent', () => {
  const skill = { name: 'letters', description: 'Writes letters', body: 'Be brief.', folder: 'skills/letters' }
  const skills = [{ name: 'letters', skill, isManual: true as const }]
  const all = parse(agentWith(), { skills })
  expect(all.findings).toEqual([])
  expect(all.definition.skills).toEqual([])
  const named = parse(agentWith('skills: [letters]'), { skills })
  expect(named.said).toEqual(['warning 3:10 no model may choose the skill `letters`'])
  expect(named.definition.skills).toEqual([])
})

test('a broken skill is an error where a file names it, and else a warning', () => {
  const fault = { severity: 'error' as const, message: 'no description', file: 'skills/tides/SKILL.md' }
  const skills = [...PROJECT.skills, { name: 'tides', findings: [fault] }]
  const all = parse(agentWith(), { skills })
  expect(all.findings).toEqual([{ ...fault, severity: 'warning' }])
  expect(all.definition.skills.map(({ name }) => name)).toEqual(['letters'])
  expect(parse(agentWith('skills: [tides]'), { skills }).findings).toEqual([fault])
  expect(parse(agentWith('skills: [letters]'), { skills }).findings).toEqual([])
  expect(parse(agentWith('skills: []'), { skills }).definition.skills).toEqual([])
})

test('servers of a file are kept as they are, and told when they are not configured', () => {
  const { definition, findings } = parse(
    agentWith(
      'tools: [mcp__db__query, github/search_issues]',
      'mcpServers:',
      '  db: { command: db-server }',
      '  github: { url: "http://localhost" }',
    ),
  )
  expect(definition.tools).toEqual(['db:query', 'github:search_issues'])
  expect(definition.mcpServers).toEqual({ db: { command: 'db-server' }, github: { url: 'http://localhost' } })
  expect(findings).toMatchObject([{ severity: 'warning', message: expect.stringContaining('`db` is not configured') }])
})

test.each([
  ['a description', `description: a${' '.repeat(200_000)}: b: c`],
  ['names', `description: a\ntools: "${','.repeat(200_000)}("`],
  ['parentheses', `description: a\ntools: "${'('.repeat(200_000)}"`],
  ['marks', `description: a\n${'--- x\n'.repeat(30_000)}`],
])('a long line of %s is read in time that grows with its length', (_, head) => {
  const start = threadTime()
  parse(['---', head, '---', 'x'])
  expect(threadTime() - start).toBeLessThan(5000)
})

test.each([
  ['{ type: object, properties: { refund: { type: boolean } } }', []],
  ['{ type: array }', ['error 3:9 `output`: expected a schema with `type: object`, got `type: "array"`']],
  ['{ properties: {} }', ['error 3:9 `output`: expected a schema with `type: object`, got a schema without a type']],
  [
    '{ type: object, not: { type: "null" } }',
    ['error 3:9 `output` is not a usable JSON Schema: `not` is not supported'],
  ],
  ['text', ['error 3:9 `output`: expected a map, got "text"']],
])('the output %s is checked', (output, faults) => {
  const { definition, said } = parse(agentWith(`output: ${output}`))
  expect(said).toEqual(faults)
  if (faults.length === 0)
    expect(definition.output).toEqual({ type: 'object', properties: { refund: { type: 'boolean' } } })
})

test('an output of many parts is refused', () => {
  const properties = Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`p${at}`, {}]))
  const { said } = parse(agentWith(`output: ${JSON.stringify({ type: 'object', properties })}`))
  expect(said).toMatchObject([expect.stringContaining('more than 10000 parts')])
})

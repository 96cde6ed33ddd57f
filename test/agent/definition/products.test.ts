import { expect, test } from 'vitest'
import { agentWith, parse } from './parsing.ts'

test('a file in the style of Claude Code', () => {
  const { definition, findings } = parse([
    '---',
    'name: code-reviewer',
    'description: Use this agent after code was written. Example: user: "I\'ve added a parser" assistant: "I review it"',
    'tools: Read, Grep, Glob, Bash(git diff:*)',
    'model: sonnet',
    'color: blue',
    'hooks:',
    '  PreToolUse: [{ matcher: Bash, hooks: [{ type: command, command: ./check.sh }] }]',
    'memory: project',
    'permissionMode: default',
    '---',
    '',
    'You review code.',
    '',
    '---',
    '',
    '- Look for bugs first.',
    '',
  ])
  expect(definition).toMatchObject({
    name: 'code-reviewer',
    description:
      'Use this agent after code was written. Example: user: "I\'ve added a parser" assistant: "I review it"',
    instructions: 'You review code.\n\n---\n\n- Look for bugs first.',
    tools: ['filesystem:read', 'filesystem:search', 'filesystem:list', 'terminal'],
  })
  expect(definition).not.toHaveProperty('model')
  expect(findings.filter(({ hint }) => hint?.includes('Did you mean'))).toEqual([])
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(findings.filter(({ message }) => message.endsWith('is ignored')).map(({ message }) => message)).toEqual([
    ...['`color` is ignored', '`hooks` is ignored', '`memory` is ignored', '`permissionMode` is ignored'],
  ])
})

test('a file in the style of VS Code', () => {
  const { definition, findings } = parse(
    [
      '---',
      'name: Tide Planner',
      'description: Generate a plan',
      'argument-hint: What is to be planned',
      "tools: ['search', 'read', 'web/fetch', 'agent', 'todo', 'github/search_issues']",
      "model: ['Claude Opus 4.5', 'GPT-5.2']",
      "agents: ['*']",
      'user-invocable: true',
      'target: vscode',
      'handoffs:',
      '  - label: Implement',
      '    agent: agent',
      '    prompt: Now implement the plan.',
      '    send: false',
      '---',
      '# Planning',
      'Plan, do not edit.',
    ],
    { name: 'tides.planner', file: '.github/agents/tides.planner.agent.md' },
  )
  expect(definition).toMatchObject({
    name: 'tides-planner',
    instructions: '# Planning\nPlan, do not edit.',
    tools: ['filesystem:list', 'filesystem:search', 'filesystem:read', 'headless-browser', 'github:search_issues'],
    agents: [{ name: 'clerk' }, { name: 'reviewer', description: 'Reviews' }],
  })
  expect(findings.map(({ severity }) => severity)).toEqual(Array(findings.length).fill('info'))
  expect(findings.map(({ message }) => message)).toContain('`handoffs` is ignored')
  expect(findings.map(({ message }) => message)).toContain(
    '`Tide Planner` is a title; the name of the agent is `tides-planner`',
  )
})

test.each([
  ['.github/agents/tides.md', ['---', 'tools: [read]', '---', 'Plan.']],
  ['tides.agent.md', ['---', 'description: ""', '---', 'Plan.']],
  ['.github/chatmodes/tides.chatmode.md', ['Plan.']],
  ['agents/tides.md', ['---', 'color: blue', '---', 'Plan.']],
])('a warning names a missing description in a file of another product, and the agent works: %s %j', (file, lines) => {
  const { definition, said } = parse(lines, { name: 'tides', file })
  expect(definition).toMatchObject({ name: 'tides', description: '', instructions: 'Plan.' })
  expect(said.filter((line) => line.includes('`description`'))).toEqual([
    expect.stringMatching(/^warning \d:\d+ there is no `description`$/),
  ])
})

test('a playbook needs a description, and a file of antiphon too', () => {
  const file = '.github/agents/tides.md'
  const lines = ['---', 'playbook: playbooks/tides.yaml', '---', 'Plan.']
  expect(parse(lines, { file }).said).toContainEqual(expect.stringMatching(/^error .* there is no `description`/))
  expect(parse(['---', 'tools: Read', '---', 'Plan.']).said).toContainEqual(expect.stringMatching(/^error /))
  expect(parse(['Plan.'], { file: '.claude/agents/README.md' }).said).toEqual([
    expect.stringContaining('expected front matter'),
  ])
})

test('a file in the style of GitHub, with line ends of Windows', () => {
  const { definition, findings } = parse([
    [
      '\uFEFF---',
      'name: test-specialist',
      'description: |',
      '  Writes tests',
      "tools: ['read', 'edit', 'search', 'execute']",
      'infer: false',
      'metadata: { team: harbour }',
      'mcp-servers:',
      '  db:',
      "    type: 'local'",
      "    command: 'db-server'",
      "    tools: ['*']",
      '---',
      'You write tests.',
    ].join('\r\n'),
  ])
  expect(definition).toMatchObject({
    ...{ name: 'test-specialist', description: 'Writes tests', instructions: 'You write tests.' },
    tools: [
      ...['filesystem:read', 'filesystem:edit', 'filesystem:write', 'filesystem:list', 'filesystem:search', 'terminal'],
    ],
    mcpServers: { db: { type: 'local', command: 'db-server', tools: ['*'] } },
  })
  expect(findings.map(({ severity, line }) => [severity, line])).toEqual([
    ['info', 6],
    ['info', 7],
    ['warning', 9],
  ])
})

test('agents are named by their titles, too', () => {
  const known = [
    { name: 'planner', title: 'Tide Planner', description: 'Plans' },
    { name: 'pilot', title: 'Pilot', isManual: true as const },
    ...[
      { name: 'one', title: 'Twin' },
      { name: 'two', title: 'Twin' },
    ],
    { name: 'clerk', title: 'The Clerk' },
  ]
  const named = (list: string, file = 'agents/clerk.md') =>
    parse(agentWith(`agents: [${list}]`), { agents: known, file })
  expect(named('tide planner, Pilot, One').definition.agents).toEqual([
    { name: 'planner', description: 'Plans' },
    { name: 'pilot' },
    { name: 'one' },
  ])
  expect(named("'*'").definition.agents!.map(({ name }) => name)).toEqual(['planner', 'one', 'two'])
  expect(named("'*', pilot").definition.agents!.length).toBe(4)
  expect(named('Twin')).toMatchObject({
    said: ['error 3:10 several agents have the title `Twin`'],
    findings: [{ hint: 'Write a name: one, two.' }],
  })
  expect(named('The Clerk').said).toEqual(['error 3:10 an agent cannot ask itself'])
  expect(named('Plan').said).toEqual([expect.stringMatching(/^error 3:10 there is no agent `Plan`/)])
  const foreign = named('Plan', '.github/agents/clerk.agent.md')
  expect(foreign.definition.agents).toEqual([])
  expect(foreign.said).toEqual(['warning 3:10 there is no agent `Plan`, so it cannot be asked'])
})

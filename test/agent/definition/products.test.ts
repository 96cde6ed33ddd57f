import { expect, test } from 'vitest'
import { parse } from './parsing.ts'

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

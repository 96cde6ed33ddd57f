import { expect, test } from 'vitest'
import { agentWith, parse } from './parsing.ts'

const toolsOf = (...lines: readonly string[]) => parse(agentWith(...lines)).definition.tools

test.each([
  ['Read, Grep', ['filesystem:read', 'filesystem:search']],
  ['[Read, Write, Edit]', ['filesystem:read', 'filesystem:write', 'filesystem:edit']],
  ['Glob', ['filesystem:list', 'filesystem:search']],
  ['Bash, WebFetch, WebSearch', ['terminal', 'headless-browser', 'web-search']],
  ['[read, search]', ['filesystem:read', 'filesystem:list', 'filesystem:search']],
  ['[edit]', ['filesystem:edit', 'filesystem:write']],
  ['[execute, web]', ['terminal', 'headless-browser', 'web-search']],
  ["['search/codebase', 'web/fetch']", ['filesystem:list', 'filesystem:search', 'headless-browser']],
  ['github/search_issues, mcp__github', ['github:search_issues', 'github']],
  ["['github/*']", ['github']],
  ['filesystem', ['filesystem']],
  ['terminal:execute_command', ['terminal:execute']],
  ['[]', []],
  ['Read, Read', ['filesystem:read']],
])('tools: %s', (written, tools) => {
  const { definition, findings } = parse(agentWith(`tools: ${written}`))
  expect(findings).toEqual([])
  expect(definition.tools).toEqual(tools)
})

test('a star, and no tools at all, stand for the standard tools', () => {
  expect(toolsOf("tools: ['*']")).toEqual(toolsOf())
  const empty = parse(agentWith('tools:'))
  expect(empty.said).toEqual(['warning 3:1 `tools` is empty and counts as absent'])
  expect(empty.definition.tools).toEqual(toolsOf())
})

test.each([
  ['tools: [Raed]', 'error 3:9 there is no tool `Raed`', 'Did you mean Read?'],
  ['tools: [filesystem:raed]', 'error 3:9 there is no tool `filesystem:raed`', 'Did you mean filesystem:read?'],
  ['tools: Read, filesytem', 'error 3:8 there is no tool `filesytem`', 'Did you mean filesystem?'],
  ['tools: teleport', 'error 3:8 there is no tool `teleport`', 'To list all tools: antiphon tools list'],
  ['disallowedTools: [Bsh]', 'error 3:19 there is no tool `Bsh`', 'Did you mean Bash?'],
  ['approve: [Wirte]', 'error 3:11 there is no tool `Wirte`', 'Did you mean Write?'],
])('%s names a tool that does not exist', (line, said, hint) => {
  const parsed = parse(agentWith(line))
  expect(parsed.said).toEqual([said])
  expect(parsed.findings[0]!.hint).toBe(hint)
})

test('tools of other products without a counterpart are ignored', () => {
  const { definition, said } = parse(
    agentWith('tools: [Read, TodoWrite, "Agent(worker, helper)", vscode/askQuestions]'),
  )
  expect(definition.tools).toEqual(['filesystem:read'])
  expect(said).toEqual([
    'info 3:15 the tool `TodoWrite` has no counterpart here and is ignored',
    'info 3:26 the tool `Agent(worker, helper)` has no counterpart here and is ignored',
    'info 3:51 the tool `vscode/askQuestions` has no counterpart here and is ignored',
  ])
})

test('a part in parentheses gives the whole tool, with a warning', () => {
  const { definition, said } = parse(agentWith('tools: Read, Bash(git add, git commit *)'))
  expect(definition.tools).toEqual(['filesystem:read', 'terminal'])
  expect(said).toEqual([
    expect.stringMatching(/^warning 3:8 `Bash\(git add, git commit \*\)` gives the tool as a whole/),
  ])
  expect(parse(agentWith('tools: Bash(*)')).findings).toEqual([])
})

test('a part in parentheses is refused when no person would be asked', () => {
  const refused = ['error 3:8 `Bash(git *)` would give the tool as a whole, and `approve` lets its calls be made']
  expect(parse(agentWith('tools: Bash(git *)', 'approve: none')).said).toEqual(refused)
  expect(parse(agentWith('tools: Bash(git *)', 'approve: [Write]')).said).toEqual(refused)
  expect(parse(agentWith('tools: Bash(git *)', 'approve: [Bash]')).definition.approve).toEqual(['terminal'])
})

test('denied tools are taken away, in every spelling', () => {
  expect(toolsOf('tools: Read, Write, Bash', 'disallowedTools: Write, Bash(rm *)')).toEqual(['filesystem:read'])
  expect(toolsOf('tools: Bash', 'disallowedTools: terminal:execute')).toEqual([])
  expect(toolsOf('tools: Read, Write', 'disallowedTools: filesystem')).toEqual([])
  expect(toolsOf('disallowedTools: Bash, web')).toEqual([
    ...['filesystem:read', 'filesystem:write', 'filesystem:edit', 'filesystem:search', 'filesystem:list'],
  ])
  const narrowed = toolsOf('tools: filesystem', 'disallowedTools: [Write, filesystem:delete]')
  expect(narrowed).toContain('filesystem:read')
  expect(narrowed).not.toContain('filesystem:write')
  expect(narrowed).not.toContain('filesystem:delete')
  expect(narrowed).not.toContain('filesystem')
  expect(toolsOf('tools: Read', "disallowedTools: ['*']")).toEqual([])
})

import { expect, test } from 'vitest'
import { NO_NEAR_TOOL } from '../../../src/tool/toolbox.ts'
import { agentWith, bareAgent, parse } from './parsing.ts'

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

const LOOKING = ['filesystem:read', 'filesystem:search', 'filesystem:list', 'web-search']
const STANDARD = [
  ...['filesystem:read', 'filesystem:write', 'filesystem:edit', 'filesystem:search', 'filesystem:list'],
  ...['terminal', 'headless-browser', 'web-search'],
]

test('a star stands for the standard tools, and an agent without tools can only look', () => {
  expect(toolsOf("tools: ['*']")).toEqual(STANDARD)
  const empty = parse(bareAgent('tools:'))
  expect(empty.said).toEqual([
    expect.stringMatching(/^info 2:1 the file names no `tools`, so the agent gets only those that look: /),
    'warning 3:1 `tools` is empty and counts as absent',
  ])
  expect(empty.definition.tools).toEqual(LOOKING)
})

test.each([
  ['.claude/agents/clerk.md', 'it is in .claude', []],
  ['lib/.github/agents/clerk.md', 'it is in .github', []],
  ['agents/clerk.agent.md', 'its name ends with .agent.md', []],
  ['agents/clerk.md', 'it has the key `color`', ['color: blue']],
  ['agents/clerk.md', 'it has the key `mode`', ['mode: agent']],
])('%s, for %s, has the standard tools where it names none', (file, reason, lines) => {
  const { definition, findings } = parse(bareAgent(...lines), { file })
  expect(definition.tools).toEqual(STANDARD)
  expect(findings[0]).toMatchObject({
    severity: 'info',
    message: `the file names no \`tools\` and is of another product (${reason}), so the agent gets ${STANDARD.join(', ')}`,
  })
})

test.each(['agents/clerk.md', 'agents/github/clerk.md', 'agents/agent.md'])(
  '%s with keys that any file may have is written for antiphon',
  (file) => {
    expect(parse(bareAgent('version: 2', 'tags: [notes]'), { file }).definition.tools).toEqual(LOOKING)
  },
)

test.each([
  ['tools: [Raed]', 'error 3:9 there is no tool `Raed`', 'Did you mean Read?'],
  ['tools: [filesystem:raed]', 'error 3:9 there is no tool `filesystem:raed`', 'Did you mean filesystem:read?'],
  ['tools: Read, filesytem', 'error 3:8 there is no tool `filesytem`', 'Did you mean filesystem?'],
  ['tools: teleport', 'error 3:8 there is no tool `teleport`', NO_NEAR_TOOL],
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
  expect(toolsOf('tools: "*"', 'disallowedTools: Bash, web')).toEqual(STANDARD.slice(0, 5))
  const bare = parse(bareAgent('disallowedTools: [Grep, WebSearch]')).definition
  expect(bare.tools).toEqual(['filesystem:read', 'filesystem:list'])
  expect(bare.toolNotes).toEqual([expect.stringMatching(/ those that look: filesystem:read, filesystem:list$/)])
  const narrowed = toolsOf('tools: filesystem', 'disallowedTools: [Write, filesystem:delete]')
  expect(narrowed).toContain('filesystem:read')
  expect(narrowed).not.toContain('filesystem:write')
  expect(narrowed).not.toContain('filesystem:delete')
  expect(narrowed).not.toContain('filesystem')
  expect(toolsOf('tools: Read', "disallowedTools: ['*']")).toEqual([])
})

test('a name that another product has and antiphon has not is a warning in its files alone', () => {
  const lines = ['tools: [Read, read_cells, "azure/*", mcp__db__query, github/drop_repo, "lab/run(a)"]']
  const own = parse(agentWith(...lines))
  expect(own.definition).toBeUndefined()
  expect(own.findings.map(({ severity }) => severity)).toEqual(Array(5).fill('error'))
  const { definition, said } = parse(agentWith(...lines), { file: '.github/agents/clerk.agent.md' })
  expect(definition.tools).toEqual(['filesystem:read'])
  const notes = [
    'there is no tool `read_cells`, so the agent does not get it',
    '`azure/*`: there is no server `azure`, so the agent does not get it',
    '`mcp__db__query`: there is no server `db`, so the agent does not get it',
    '`github/drop_repo`: there is no tool `github:drop_repo`, so the agent does not get it',
    '`lab/run(a)`: there is no server `lab`, so the agent does not get it',
  ]
  expect(said.map((line) => line.replace(/ 3:\d+ /, ' '))).toEqual(notes.map((note) => `warning ${note}`))
  expect(definition.toolNotes).toEqual(notes)
})

test('an agent that is left without a tool says so', () => {
  const file = '.github/agents/clerk.agent.md'
  const { definition, said } = parse(agentWith("tools: ['azure/*', todo]"), { file })
  expect(definition.tools).toEqual([])
  expect(said).toContain('warning 3:8 no tool of `tools` exists here, so the agent has none')
  expect(parse(agentWith('tools: []'), { file }).findings).toEqual([])
})

test('a name of another product never stands for a tool of antiphon in silence', () => {
  const file = '.github/agents/clerk.agent.md'
  const { definition, said } = parse(agentWith('tools: [filesystem]'), { file })
  expect(definition.tools).toEqual(['filesystem'])
  expect(said).toEqual(["warning 3:9 `filesystem` gives antiphon's own tool of that name"])
  expect(parse(agentWith('tools: [filesystem:append]'), { file }).findings).toEqual([])
  expect(parse(agentWith('tools: [filesystem/delete, terminal/run]'), { file }).definition.tools).toEqual([])
})

test('a misspelt denial is an error in every file', () => {
  const file = '.claude/agents/clerk.md'
  expect(parse(bareAgent('disallowedTools: [Bsh]'), { file }).definition).toBeUndefined()
  expect(parse(bareAgent('disallowedTools: [mcp__githb__drop]'), { file }).definition).toBeUndefined()
  const { definition, said } = parse(agentWith('disallowedTools: [mcp__azure__drop, CronCreate]'), { file })
  expect(definition.tools).toEqual(['filesystem:read'])
  expect(said.map((line) => line.split(' ')[0])).toEqual(['warning', 'warning'])
  expect(parse(agentWith('approve: [CronCreate]'), { file }).definition).toBeUndefined()
})

import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { agentWith, PROJECT, parse } from '../definition/parsing.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const PASSING: AgentDefinition = { ...CLERK, tools: ['mcp-server', 'mcp-resource', 'pipeline-executor'] }
const server = (server_name: string, more: { readonly [name: string]: Json } = {}) => ({ server_name, ...more })
const remove = server('srv', { tool_name: 'delete' })

async function resultOf(agent: AgentDefinition, name: string, input: Json) {
  const { runtime, path } = await openGoals([call(name, input), answer('well')])
  const { id } = await runtime.goals.start({ agent: { ...agent, approve: 'none' }, goal: 'Go.' })
  await runtime.idle()
  const { rounds } = await runtime.goals.get(id)
  return { ...rounds[0]!.calls[0]!, path }
}

test('the definition keeps the denied tools in our names', () => {
  const { definition, said } = parse(
    agentWith('tools: [github, mcp-server]', 'disallowedTools: [mcp__github__search_issues, Bash(rm *)]'),
    PROJECT,
  )
  expect(said).toEqual([expect.stringMatching(/^info/)])
  expect(definition).toMatchObject({ tools: ['mcp-server'], denied: ['github:search_issues', 'terminal'] })
  expect(parse(agentWith('tools: Read')).definition).not.toHaveProperty('denied')
})

test.each([
  [['srv:delete'], 'mcp-server_execute_tool', remove, 'srv:delete'],
  [['srv'], 'mcp-server_execute_tool', remove, 'srv'],
  [['srv'], 'mcp-server_connect', server('srv'), 'srv'],
  [['srv'], 'mcp-resource_read', server('srv', { uri: 'a:b' }), 'srv'],
  [['mcp-server:execute_tool'], 'mcp-server_execute_tool', remove, 'mcp-server:execute_tool'],
])('without %s the call of %s with %o is refused', async (denied, name, input, shown) => {
  const { outcome, result } = await resultOf({ ...PASSING, denied }, name, input)
  expect({ outcome, result }).toEqual({ outcome: 'refused', result: `this agent may not call ${shown}` })
})

test.each([
  ['another tool of the server', server('srv', { tool_name: 'read' })],
  ['the tool of another server', server('other', { tool_name: 'delete' })],
])('%s may be called', async (_, input) => {
  const { outcome, result } = await resultOf({ ...PASSING, denied: ['srv:delete'] }, 'mcp-server_execute_tool', input)
  expect(outcome).toBe('failed')
  expect(result).toContain('There is no MCP server')
})

const pipeline = (...steps: readonly Json[]): Json => ({ pipeline: { name: 'below', steps } })
const append = { id: 'add', tool: 'filesystem', action: 'append', parameters: { path: 'log.txt', content: 'x' } }

test.each([
  ['itself', pipeline(append)],
  ['by a name that it reads', pipeline({ ...append, tool: 'mcp-server', action: 'execute_tool', parameters: remove })],
  [
    'in a pipeline below it',
    pipeline({
      id: 'deep',
      tool: 'pipeline-executor',
      parameters: pipeline(append) as { readonly [name: string]: Json },
    }),
  ],
])('a pipeline that the model starts does not call a denied tool %s', async (_, input) => {
  const denied = ['filesystem:append', 'srv:delete']
  const { outcome, result, path } = await resultOf({ ...PASSING, denied }, 'pipeline-executor', input)
  expect(outcome).toBe('failed')
  expect(result).toMatch(/may not call (filesystem:append|srv:delete)/)
  expect(existsSync(path('log.txt'))).toBe(false)
})

const playbookOf = (step: string) => `name: tidy\ninputs: { goal: { type: string } }\nsteps:\n  - ${step}\n`
const TIDY = { description: 'Tidies a note and adds it to the index', playbook: 'tidy.yaml' }
const GOAL = { goal: 'Tidy this note and add it to the index' }

test.each([
  [
    '{ id: rm, tool: mcp-server, action: execute_tool, parameters: { server_name: srv, tool_name: delete } }',
    'srv:delete, which the agent may not call',
  ],
  [
    '{ id: rm, action: generate, parameters: { prompt: Go. }, tools: [terminal] }',
    'terminal, which the agent does not have',
  ],
])('a playbook with %s is refused', async (step, message) => {
  const { runtime, write } = await openGoals([])
  write('tidy.yaml', playbookOf(step))
  const agent = { ...CLERK, ...TIDY, tools: ['mcp-server', 'agent'], denied: ['srv:delete'] }
  await expect(runtime.goals.start({ agent, ...GOAL })).rejects.toMatchObject({
    code: 'invalid_agent',
    message: expect.stringContaining(`the step rm calls ${message}`),
  })
})

test('a playbook does not reach a denied tool by a name that it makes', async () => {
  const { runtime, write } = await openGoals([answer('well')])
  write(
    'tidy.yaml',
    playbookOf(
      `{ id: rm, tool: mcp-server, action: execute_tool, parameters: { server_name: srv, tool_name: "{{ 'del' ~ 'ete' }}" } }`,
    ),
  )
  const agent = { ...CLERK, ...TIDY, tools: ['mcp-server'], denied: ['srv:delete'] }
  const { id } = await runtime.goals.start({ agent, ...GOAL })
  await runtime.idle()
  expect((await runtime.runs.get(`${id}.playbook`)).steps.rm).toMatchObject({ error_code: 'tool_denied' })
})

test('the agent of a model step below has the same denied tools', async () => {
  const step = { id: 'look', action: 'generate', parameters: { prompt: 'Go.' }, tools: ['mcp-server'] }
  const { runtime } = await openGoals([
    call('pipeline-executor', pipeline(step)),
    call('mcp-server_execute_tool', remove),
    answer('well'),
  ])
  const agent: AgentDefinition = { ...PASSING, approve: 'none', denied: ['srv:delete'] }
  const { id } = await runtime.goals.start({ agent, ...GOAL })
  await runtime.idle()
  const [below] = (await runtime.goals.list()).filter((one) => one.id !== id)
  const { rounds } = await runtime.goals.get(below!.id)
  expect(rounds[0]!.calls).toMatchObject([{ outcome: 'refused', result: 'this agent may not call srv:delete' }])
})

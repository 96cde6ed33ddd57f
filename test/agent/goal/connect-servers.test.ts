import { expect, it } from 'vitest'
import { checkToolOffers, countTools } from '../../../src/agent/context/check-offers.ts'
import { offeredTools } from '../../../src/agent/context/tool-offers.ts'
import type { AgentServices } from '../../../src/agent/goal/services.ts'
import { connectServers } from '../../../src/agent/goal/think/connect-servers.ts'
import type { Effects } from '../../../src/kernel/types.ts'
import { serverConnector } from '../../../src/runtime/services/connect-servers.ts'
import { ourTools } from '../../../src/runtime/services/toolbox.ts'
import type { ServerPins } from '../../../src/tool/mcp/pins.ts'
import { mcpTools } from '../../../src/tool/mcp/tools.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { stdio } from '../../tool/mcp/bench.ts'

const GREET: ServerPins = {
  hello: { description: 'Says hello', input: { type: 'object', properties: { to: { type: 'string' } } } },
}

/** An agent of a server without pins, which offers these tools. */
function open(tools: readonly string[], offered: ServerPins | Error) {
  const mcpServers = { filesystem: stdio('x'), srv: stdio('x', { effects: { hello: 'pure' } }) }
  const toolbox = createToolbox([...ourTools, ...mcpTools(mcpServers, {}, ourTools)])
  const asked: string[] = []
  const find = (name: string) => ({
    async pins() {
      asked.push(name)
      if (offered instanceof Error) throw offered
      return offered
    },
  })
  const connect = serverConnector({ mcpServers }, { mcp: async () => ({ find }) as never }, toolbox)
  const effects = { run: (_: string, act: (call: object) => unknown) => act({}) } as unknown as Effects
  const agent = { tools, skills: [] }
  const names = () => [...offeredTools(agent, toolbox)].map(([name, { offer }]) => [name, offer.description])
  return {
    asked,
    toolbox,
    agent: agent as never,
    names: () => names().slice(0, -1),
    begin: () => connectServers({ toolbox, connectServers: connect } as unknown as AgentServices, agent, effects),
  }
}

it.each([
  [['srv'], 'srv_hello'],
  [['srv:hello'], 'srv_hello'],
  [['mcp__filesystem'], 'mcp__filesystem_hello'],
])('an agent with %j gets its tools before its first round', async (tools, offered) => {
  const { names, begin, asked } = open(tools, GREET)
  expect(names()).toEqual([])
  await begin()
  expect(names()).toEqual([[offered, 'Says hello']])
  await begin()
  expect(asked).toHaveLength(1)
})

it('a server that it does not name is not started', async () => {
  const { begin, asked } = open(['filesystem:read'], GREET)
  await begin()
  expect(asked).toEqual([])
})

it('a goal fails without the tools that its agent names', async () => {
  await expect(open(['srv'], {}).begin()).rejects.toMatchObject({ code: 'unknown_tool' })
  await expect(open(['srv:bye'], GREET).begin()).rejects.toThrow('names srv:bye')
  await expect(open(['srv'], new Error('it does not start')).begin()).rejects.toThrow('it does not start')
})

it('a check without the server says so, and counts tools', () => {
  const { toolbox, agent } = open(['srv', 'filesystem:read'], GREET)
  expect(checkToolOffers(agent, toolbox, 'a.md')).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('the server `srv` is not pinned yet') },
  ])
  expect(countTools(agent, toolbox)).toBe(1)
  const whole = open(['filesystem'], GREET)
  expect(countTools(whole.agent, whole.toolbox)).toBe(whole.toolbox.operations('filesystem').length)
})

it('a call of `execute` is not taken for the only tool of a server', async () => {
  const { toolbox, begin } = open(['srv'], GREET)
  await begin()
  expect(toolbox.find('srv', 'hello')).toBeDefined()
  expect(toolbox.find('srv', 'execute')).toBeUndefined()
})

import { expect, test } from 'vitest'
import { mcpServerTools } from '../../../../src/tool/builtin/mcp/mcp-server.ts'
import type { McpServer } from '../../../../src/tool/mcp/port.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { call } from '../../context.ts'
import { contextWith } from './server.ts'

const toolbox = createToolbox(mcpServerTools)
const use = (operation: string, input: object, server: Partial<McpServer> = {}) =>
  call(toolbox.find('mcp-server', operation)!, { server_name: 'tides', ...input }, contextWith(server))

test('connect returns what the server declares', async () => {
  expect(await use('connect', {}, { capabilities: async () => ({ tools: { listChanged: true } }) })).toEqual({
    connected: true,
    capabilities: { tools: { listChanged: true } },
  })
})

test('list_tools returns the pinned tools', async () => {
  const input = { type: 'object', properties: { place: { type: 'string' } } }
  expect(
    await use('list_tools', {}, { pins: async () => ({ next: { description: 'The next tide', input } }) }),
  ).toEqual({ tools: [{ name: 'next', description: 'The next tide', input_schema: input }] })
})

test('execute_tool calls a tool once, with the key of the call', async () => {
  const calls: unknown[] = []
  const server: Partial<McpServer> = {
    async call(tool, input, { idempotencyKey, effect }) {
      calls.push([tool, input, idempotencyKey, effect])
      return { content: [{ type: 'text', text: 'at noon' }], structured: { hour: 12 }, isError: false }
    },
  }
  const { result } = await use('execute_tool', { tool_name: 'next', tool_params: { place: 'Bath' } }, server)
  expect(result).toEqual({ text: 'at noon', data: { hour: 12 }, content: [] })
  expect(calls).toEqual([['next', { place: 'Bath' }, 'call-1', 'at-most-once']])
})

test('disconnect leaves the server to other steps', async () => {
  expect(await use('disconnect', {})).toEqual({ message: 'tides stays for other steps and ends with antiphon' })
})

test.each(['connect', 'list_tools', 'execute_tool', 'disconnect'])('%s fails without such a server', async (name) => {
  await expect(use(name, { server_name: 'ebb', tool_name: 'next' })).rejects.toMatchObject({ code: 'unknown_server' })
})

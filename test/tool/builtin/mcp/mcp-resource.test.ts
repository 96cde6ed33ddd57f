import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mcpResourceTools } from '../../../../src/tool/builtin/mcp/mcp-resource.ts'
import type { McpServer } from '../../../../src/tool/mcp/port.ts'
import { type AskingTool, waitOf } from '../../../../src/tool/question.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { call, workFolder } from '../../context.ts'
import { contextWith } from './server.ts'

const place = workFolder()
const toolbox = createToolbox(mcpResourceTools)
const use = (operation: string, input: object, server: Partial<McpServer>) =>
  call(toolbox.find('mcp-resource', operation)!, { server_name: 'tides', ...input }, contextWith(server, place.root))

test('list returns the resources with the facts that the server gives', async () => {
  const resources = [
    { uri: 'tide:today', name: 'today', description: 'Both tides', mimeType: 'text/plain', size: 9, title: 'Today' },
    { uri: 'tide:map', name: 'map' },
  ]
  expect(await use('list', {}, { resources: async () => resources })).toEqual({
    resources: [
      { uri: 'tide:today', name: 'today', description: 'Both tides', mime: 'text/plain', size: 9 },
      { uri: 'tide:map', name: 'map' },
    ],
  })
})

test('read returns the texts of a resource, and saves its bytes', async () => {
  const server: Partial<McpServer> = {
    read: async (uri) => [
      { uri, mimeType: 'text/plain', text: 'ebb' },
      { uri: `${uri}#map`, mimeType: 'image/png', blob: Buffer.from('png').toString('base64') },
    ],
  }
  const { uri, text, contents } = await use('read', { uri: 'tide:today', output_dir: 'maps' }, server)
  expect([uri, text]).toEqual(['tide:today', 'ebb'])
  const [, saved] = contents as readonly { readonly path: string }[]
  expect(saved).toMatchObject({ type: 'resource', mime: 'image/png', size: 3, path: expect.stringMatching(/^maps\//) })
  expect(await readFile(join(place.root, saved!.path), 'utf8')).toBe('png')
})

test('subscribe answers at the first look at which the digest differs from the one before, or from `since`', async () => {
  const said = ['ebb', 'ebb', 'flood']
  let reads = 0
  const server: Partial<McpServer> = { read: async (uri) => [{ uri, text: said[Math.min(reads++, 2)]! }] }
  const before = await use('read', { uri: 'tide:today' }, { read: async (uri) => [{ uri, text: 'ebb' }] })
  const tool = toolbox.find('mcp-resource', 'subscribe') as AskingTool
  const input = { server_name: 'tides', uri: 'tide:today', every: 5 }
  const context = contextWith(server, place.root)
  const first = await call(tool, input, context).catch(waitOf)
  expect(first).toEqual({ state: before.digest, delay: 5000 })
  expect(await tool.answer(input, before.digest!, {}, context).catch(waitOf)).toEqual(first)
  const found = await tool.answer(input, before.digest!, {}, context)
  expect(found).toMatchObject({
    uri: 'tide:today',
    text: 'flood',
    digest: expect.not.stringMatching(before.digest as string),
  })
  expect(reads).toBe(3)
  expect(await call(tool, { ...input, since: before.digest }, context)).toEqual(found)
  await expect(call(tool, { ...input, since: 'abc' }, context)).rejects.toThrow('since')
  await expect(call(tool, { ...input, every: 0 }, context)).rejects.toThrow('every')
  expect(await use('unsubscribe', { uri: 'tide:today' }, server)).toHaveProperty('message')
})

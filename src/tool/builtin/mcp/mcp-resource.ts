import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Json } from '../../../kernel/json.ts'
import { present } from '../../../lib/json/present.ts'
import { resourceResultOf, resultPart } from '../../mcp/result.ts'
import { type AskingTool, ToolWaitError } from '../../question.ts'
import { defineTool, servicesOf, type Tool, type ToolContext } from '../../tool.ts'
import { filePathInput, pathsAt } from '../filesystem/path.ts'

const server_name = z.string().min(1).max(200)
const resource = z.object({
  uri: z.string(),
  name: z.string(),
  description: z.string().exactOptional(),
  mime: z.string().exactOptional(),
  size: z.number().exactOptional(),
})

const serverOf = async (context: ToolContext, name: string) => (await servicesOf(context).mcp()).find(name)

const listTool = defineTool({
  name: 'mcp-resource:list',
  description: 'Lists the resources of an MCP server',
  input: z.object({ server_name }),
  output: z.object({ resources: z.array(resource) }),
  effect: 'idempotent',
  reach: 'machine',
  async execute({ server_name: name }, context) {
    const resources = await (await serverOf(context, name)).resources(context.signal)
    return {
      resources: resources.map(({ uri, name: title, description, mimeType, size }) => ({
        uri,
        name: title,
        ...present({ description, mime: mimeType, size }),
      })),
    }
  },
})

const readInput = z.object({ server_name, uri: z.string().min(1).max(8192), output_dir: filePathInput.optional() })
const digest = z.string().regex(/^[0-9a-f]{64}$/)
const readOutput = z.object({
  uri: z.string(),
  digest,
  text: z.string(),
  contents: z.array(resultPart.omit({ title: true, description: true, note: true })),
})

/** The part that the two reading tools share. */
const reading = {
  output: readOutput,
  effect: 'idempotent',
  reach: 'machine',
  paths: ['output_dir'],
  changes: pathsAt(['output_dir']),
} as const

const readTool = defineTool({
  ...reading,
  name: 'mcp-resource:read',
  description: 'Reads a resource of an MCP server',
  input: readInput,
  execute: async (input, context) => (await look(input, context)).result(),
})

const subscribeInput = readInput.extend({
  since: digest.optional().describe('the `digest` of an earlier read; absent: that of the first look'),
  every: z.number().min(1).max(86_400).default(30).describe('seconds between two looks'),
})

const subscribeTool: AskingTool = {
  ...defineTool({
    ...reading,
    name: 'mcp-resource:subscribe',
    description: 'Waits until a resource of an MCP server changes, and reads it',
    input: subscribeInput,
    execute: (input, context) => lookForChange(input, input.since, context),
  }),
  answer: (input, since, _, context) =>
    lookForChange(input as z.infer<typeof subscribeInput>, since as string, context),
}

/** Compares digests, so that a change while nobody looked counts, too. */
async function lookForChange(
  input: z.infer<typeof subscribeInput>,
  since: string | undefined,
  context: ToolContext,
): Promise<Json> {
  const { digest: now, result } = await look(input, context)
  if (since === undefined || since === now) throw new ToolWaitError({ state: now, delay: input.every * 1000 })
  return result()
}

async function look({ server_name: name, uri, output_dir }: z.infer<typeof readInput>, context: ToolContext) {
  const server = await serverOf(context, name)
  const contents = await server.read(uri, context.signal)
  const said = contents.map((one) => [one.uri, 'text' in one ? one.text : one.blob])
  const digest = hash('sha256', JSON.stringify(said), 'hex')
  const to = { folder: output_dir ?? server.settings.files, context }
  return { digest, result: async () => ({ uri, digest, ...(await resourceResultOf(contents, to)) }) }
}

const unsubscribeTool = defineTool({
  name: 'mcp-resource:unsubscribe',
  description: 'Does nothing: a resource is followed only while a step waits for its change',
  input: readInput.omit({ output_dir: true }),
  output: z.object({ message: z.string() }),
  effect: 'idempotent',
  reach: 'machine',
  async execute({ server_name: name, uri }, context) {
    await serverOf(context, name)
    return { message: `No step waits for a change of ${uri} any longer than its call` }
  },
})

export const mcpResourceTools: readonly Tool[] = [listTool, readTool, subscribeTool, unsubscribeTool]

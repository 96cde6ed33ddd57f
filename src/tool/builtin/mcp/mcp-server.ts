import { z } from 'zod'
import type { Json } from '../../../kernel/json.ts'
import type { WrittenParameters } from '../../advice.ts'
import { mcpResult } from '../../mcp/result.ts'
import { callServerTool, type ServerToolCall } from '../../mcp/tools.ts'
import type { AskingTool } from '../../question.ts'
import { defineTool, servicesOf, type Tool, type ToolContext } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { filePathInput, pathsAt } from '../filesystem/path.ts'

const map = z.record(z.string(), anyJson)
const shared = {
  server_name: z.string().min(1).max(200),
  // older pipelines describe the server here: the configuration does
  server_config: map.optional(),
}

const serverOf = async (context: ToolContext, name: string) => (await servicesOf(context).mcp()).find(name)

const connectTool = defineTool({
  name: 'mcp-server:connect',
  description: 'Connects to an MCP server that the configuration names',
  input: z.object(shared),
  output: z.object({ connected: z.boolean(), capabilities: map }),
  effect: 'idempotent',
  reach: 'machine',
  async execute({ server_name: name }, context) {
    const capabilities = await (await serverOf(context, name)).capabilities(context.signal)
    return { connected: true, capabilities: capabilities as { [name: string]: Json } }
  },
})

const listToolsTool = defineTool({
  name: 'mcp-server:list_tools',
  description: 'Lists the pinned tools of an MCP server',
  input: z.object(shared),
  output: z.object({
    tools: z.array(z.object({ name: z.string(), description: z.string(), input_schema: anyJson })),
  }),
  effect: 'idempotent',
  reach: 'machine',
  async execute({ server_name: name }, context) {
    const pins = await (await serverOf(context, name)).pins(context.signal)
    const tools = Object.entries(pins).map(([tool, { description, input }]) => ({
      name: tool,
      description,
      input_schema: input,
    }))
    return { tools }
  },
})

const executeInput = z.object({
  ...shared,
  tool_name: z.string().min(1).max(200),
  tool_params: map.default({}),
  output_dir: filePathInput.optional(),
})

const executeTool: AskingTool = {
  ...defineTool({
    name: 'mcp-server:execute_tool',
    description: 'Calls a tool of an MCP server, once',
    input: executeInput,
    output: z.object({ result: mcpResult }).catchall(anyJson),
    effect: 'at-most-once',
    reach: 'machine',
    paths: ['output_dir'],
    changes: pathsAt(['output_dir']),
    execute: (call, context) => executeCall(call, context),
  }),
  answer: (call, state, answers, context) =>
    executeCall(call as z.infer<typeof executeInput>, context, { state, answers }),
}

async function executeCall(
  { server_name: server, tool_name: tool, tool_params: input, output_dir }: z.infer<typeof executeInput>,
  context: ToolContext,
  answer?: ServerToolCall['answer'],
) {
  const folder = output_dir ?? (await serverOf(context, server)).settings.files
  const call = { server, tool, input, effect: 'at-most-once', folder, ...(answer && { answer }) } as const
  return { result: await callServerTool(call, context) }
}

const disconnectTool = defineTool({
  name: 'mcp-server:disconnect',
  description: 'Disconnects this step from an MCP server; other steps keep the connection',
  input: z.object(shared),
  output: z.object({ message: z.string() }),
  effect: 'idempotent',
  reach: 'machine',
  async execute({ server_name: name }, context) {
    await serverOf(context, name)
    return { message: `${name} stays for other steps and ends with antiphon` }
  },
})

/** `mcp-server:*`: the servers of `mcpServers:`, as older pipelines call them. No step describes one of its own. */
export const mcpServerTools: readonly Tool[] = [connectTool, listToolsTool, executeTool, disconnectTool].map((tool) =>
  Object.assign(tool as Tool, { adviceOn }),
)

function adviceOn(written: WrittenParameters) {
  if (written.server_config === undefined) return []
  return [
    {
      parameter: 'server_config',
      message: 'it is not read: a pipeline starts no program that the configuration does not name',
      hint: 'Describe the server under `mcpServers` in antiphon.yaml.',
    },
  ]
}

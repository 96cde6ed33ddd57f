import { z } from 'zod'
import { present } from '../../../lib/json/present.ts'
import { resourceResultOf, resultPart } from '../../mcp/result.ts'
import { servicesOf } from '../../services.ts'
import { defineTool, type Tool, type ToolContext } from '../../tool.ts'
import { pathsAt } from '../../writes/area.ts'
import { filePathInput } from '../filesystem/path.ts'

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

const readTool = defineTool({
  name: 'mcp-resource:read',
  description: 'Reads a resource of an MCP server',
  input: z.object({ server_name, uri: z.string().min(1).max(8192), output_dir: filePathInput.optional() }),
  output: z.object({
    uri: z.string(),
    text: z.string(),
    contents: z.array(resultPart.omit({ title: true, description: true, note: true })),
  }),
  effect: 'idempotent',
  reach: 'machine',
  paths: ['output_dir'],
  changes: pathsAt(['output_dir']),
  async execute({ server_name: name, uri, output_dir }, context) {
    const server = await serverOf(context, name)
    const contents = await server.read(uri, context.signal)
    return { uri, ...(await resourceResultOf(contents, { folder: output_dir ?? server.settings.files, context })) }
  },
})

export const mcpResourceTools: readonly Tool[] = [listTool, readTool]

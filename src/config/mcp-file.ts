import { z } from 'zod'
import { InvalidError } from '../errors.ts'
import { parseExact } from '../kernel/json.ts'
import { type ValidationIssue, validationIssues } from '../kernel/schema-issues/validation-issues.ts'
import { readPlainFile } from '../lib/encoding/plain-file.ts'
import type { McpSettings } from '../tool/mcp/settings.ts'
import { serverConfigs } from './mcp-schema.ts'

/** Maximum bytes of .mcp.json. */
const MAX_LENGTH = 256 * 1024

const texts = z.record(z.string(), z.string())

// other products write more keys: they are ignored
const shape = z.object({
  mcpServers: z
    .record(
      z.string().max(200),
      z.object({
        command: z.string().exactOptional(),
        args: z.array(z.string()).exactOptional(),
        env: texts.exactOptional(),
        cwd: z.string().exactOptional(),
        url: z.string().exactOptional(),
        headers: texts.exactOptional(),
      }),
    )
    .default({}),
})

/** The servers of a .mcp.json; InvalidError with the file and the path of the first fault. */
export async function readMcpFile(file: string, folder: string): Promise<McpSettings> {
  const { mcpServers } = parse(await textOf(file), file)
  for (const [name, { command, url }] of Object.entries(mcpServers))
    if ((command === undefined) === (url === undefined))
      throw invalid(`\`mcpServers.${name}\`: expected either \`command\` or \`url\``, file, `mcpServers.${name}`)
  return serverConfigs(mcpServers, folder, '.mcp.json')
}

async function textOf(file: string): Promise<string> {
  const bytes = await readPlainFile(file).catch((error: Error) => {
    throw invalid(`the file cannot be read: ${error.message}`, file)
  })
  return bytes.toString('utf8')
}

function parse(text: string, file: string): z.infer<typeof shape> {
  if (text.length > MAX_LENGTH) throw invalid(`the file is larger than ${MAX_LENGTH / 1024} KiB`, file)
  const content = jsonIn(text, file)
  const result = shape.safeParse(content)
  if (result.success) return result.data
  const [{ path, message }] = validationIssues(result.error.issues, content) as [ValidationIssue]
  const where = path.join('.')
  throw invalid(where === '' ? message : `\`${where}\`: ${message}`, file, where)
}

function jsonIn(text: string, file: string): unknown {
  try {
    return parseExact(text)
  } catch (cause) {
    throw invalid(`expected JSON: ${(cause as Error).message}`, file)
  }
}

const invalid = (message: string, file: string, path?: string) =>
  new InvalidError(message, { place: { file, ...(path !== undefined && { path }) } })

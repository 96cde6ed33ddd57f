import { resolve } from 'node:path'
import { z } from 'zod'
import { problemOf } from '../errors.ts'
import type { Json } from '../kernel/json.ts'
import { timeSpanSchema } from '../lib/time/span-schema.ts'
import { hasNoCredentials } from '../model/provider/base-url.ts'
import { isSecret } from '../secret/names.ts'
import type { McpServerSettings, McpSettings } from '../tool/mcp/settings.ts'
import type { LookUpByTool } from '../tool/once/call-finding.ts'

const SERVER_NAME = /^[A-Za-z][\w-]{0,63}$/
const text = z.string().max(8192)
const line = text.regex(/^[^\r\n\0]*$/, 'expected one line')
const effect = z.enum(['pure', 'idempotent', 'at-most-once'])

const oauth = z
  .strictObject({
    clientId: line.min(1).exactOptional(),
    clientSecret: z.string().refine(isSecret, 'expected a secret such as secret://github-client').exactOptional(),
    scopes: z
      .array(z.string().regex(/^[!#-[\]-~]{1,200}$/, 'expected one scope without spaces'))
      .max(100)
      .exactOptional(),
  })
  .refine((given) => given.clientSecret === undefined || given.clientId !== undefined, {
    path: ['clientId'],
    message: 'expected it beside `clientSecret`',
  })

const lookUp = z.strictObject({
  tool: line.min(1).max(200),
  parameters: z.record(z.string(), z.json()),
  done: z.json(),
  notDone: text.exactOptional(),
  settlesAfter: timeSpanSchema.exactOptional(),
})

const server = z.strictObject({
  command: line.min(1).exactOptional(),
  args: z.array(text).max(1000).exactOptional(),
  env: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable'), text)
    .exactOptional(),
  cwd: line.min(1).exactOptional(),
  sandbox: z.boolean().exactOptional(),
  write: z.boolean().exactOptional(),
  url: z
    .url({ protocol: /^https?$/, error: 'expected an address such as https://mcp.example.com/mcp' })
    .refine(hasNoCredentials, 'expected an address without a user and a password: write `headers:`')
    .exactOptional(),
  headers: z.record(z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'expected the name of a header'), line).exactOptional(),
  oauth: oauth.exactOptional(),
  effects: z.union([effect, z.record(z.string().max(200), effect)]).exactOptional(),
  lookUp: z.record(z.string().max(200), lookUp).exactOptional(),
  files: line.min(1).exactOptional(),
})
type ServerSettings = z.infer<typeof server>

const OF_URL = ['headers', 'oauth'] as const
const OF_COMMAND = ['args', 'env', 'cwd', 'sandbox', 'write'] as const

/** `mcpServers:`: the servers of the Model Context Protocol, by name. */
export const mcpServersSchema = z.record(
  z.string().regex(SERVER_NAME, 'expected letters, digits and dashes, beginning with a letter'),
  server.superRefine((given, context) => {
    const issue = faultOf(given)
    if (issue) context.addIssue({ code: 'custom', path: [issue.key], message: issue.message })
  }),
)

function faultOf(given: ServerSettings): { readonly key: string; readonly message: string } | undefined {
  const unread = Object.entries(given.lookUp ?? {}).find(([tool, by]) => !isLookUp(given.effects, tool, by.tool))
  if (unread)
    return {
      key: 'lookUp',
      message: `expected an at-most-once tool, and one that is \`pure\` in \`effects\` to look it up, got ${unread[0]} and ${unread[1].tool}`,
    }
  if ((given.command === undefined) === (given.url === undefined))
    return { key: 'command', message: 'expected either `command` or `url`' }
  if (given.url === undefined) {
    const odd = OF_URL.find((key) => given[key] !== undefined)
    return odd && { key: odd, message: 'expected it beside `url` only: a command takes `env`' }
  }
  const stray = OF_COMMAND.find((key) => given[key] !== undefined)
  return stray && { key: stray, message: 'expected it beside `command` only' }
}

function isLookUp(effects: ServerSettings['effects'], tool: string, by: string): boolean {
  if (typeof effects !== 'object') return false
  return (effects[tool] ?? 'at-most-once') === 'at-most-once' && effects[by] === 'pure'
}

type TemplateFault = { readonly path: readonly string[]; readonly message: string; readonly hint: string }

/** The first wrong template of a `lookUp`, which would otherwise fail only once a call is in doubt. */
export async function findLookUpFault(servers: { readonly [name: string]: ServerSettings } = {}) {
  const looks = Object.entries(servers).flatMap(([server, { lookUp: looked = {} }]) =>
    Object.entries(looked).map(([tool, by]) => ({ ...by, path: ['mcpServers', server, 'lookUp', tool] })),
  )
  if (looks.length === 0) return undefined
  const { listReferences, parseCondition, parseTemplate } = await import('../template/template.ts')
  function faultIn(
    value: Json,
    path: readonly string[],
    known: string,
    parse: (text: string) => Parameters<typeof listReferences>[0] = parseTemplate,
  ): readonly TemplateFault[] {
    if (typeof value !== 'string')
      return Object.entries(value ?? {}).flatMap(([key, inner]) => faultIn(inner as Json, [...path, key], known))
    try {
      const odd = listReferences(parse(value)).find(({ name }) => !known.split(', ').includes(name))
      return odd ? [{ path, message: `there is no \`${odd.name}\``, hint: `Known here: ${known}.` }] : []
    } catch (error) {
      const { message, hint = 'For example: "{{ result.data.id }}"' } = problemOf(error)
      return [{ path, message, hint }]
    }
  }
  return looks.flatMap(({ path, parameters, done, notDone = '' }) => [
    ...faultIn(parameters, [...path, 'parameters'], 'key, arguments'),
    ...faultIn(done, [...path, 'done'], 'key, arguments, result'),
    ...faultIn(notDone, [...path, 'notDone'], 'key, arguments, result', parseCondition),
  ])[0]
}

/** The known keys below a server. */
export function mcpKeysAt([first, ...rest]: readonly PropertyKey[]): readonly string[] {
  if (first === undefined) return Object.keys(server.shape)
  if (first === 'lookUp') return rest.length === 1 ? Object.keys(lookUp.shape) : []
  return first === 'oauth' && rest.length === 0 ? Object.keys(oauth.shape) : []
}

/** The servers as antiphon.yaml describes them. */
export function serverConfigs(
  given: { readonly [name: string]: ServerSettings },
  folder: string,
  from: McpServerSettings['from'] = 'antiphon.yaml',
): McpSettings {
  return Object.fromEntries(Object.entries(given).map(([name, one]) => [name, serverConfig(one, folder, from)]))
}

function serverConfig(given: ServerSettings, folder: string, from: McpServerSettings['from']): McpServerSettings {
  const { command, args = [], env = {}, cwd = '.', sandbox = false, write = false, url, headers = {} } = given
  const { effects, lookUp, files, oauth: client } = given
  const looked = lookUp && {
    lookUp: Object.fromEntries(Object.entries(lookUp).map(([tool, by]) => [tool, lookUpConfig(by)])),
  }
  const shared = { from, ...(effects && { effects }), ...looked, ...(files !== undefined && { files }) }
  if (url !== undefined) return { ...shared, type: 'http', url, headers, ...(client && { oauth: client }) }
  return { ...shared, type: 'stdio', command: command!, args, env, cwd: resolve(folder, cwd), sandbox, write }
}

const lookUpConfig = ({ settlesAfter, ...by }: z.infer<typeof lookUp>): LookUpByTool => ({
  ...by,
  ...(settlesAfter !== undefined && { settlesAfter: settlesAfter * 1000 }),
})

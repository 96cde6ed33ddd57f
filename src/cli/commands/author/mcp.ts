import type { ServerPins } from '../../../tool/mcp/pins.ts'
import type { McpServerState } from '../../../tool/mcp/port.ts'
import { plainText } from '../../../tool/mcp/settings.ts'
import { type Cli, command } from '../../cli.ts'
import { formatCount } from '../../terminal/format.ts'
import { loginCommand, logoutCommand } from '../serve/mcp-login.ts'
import { mcpServeCommand } from '../serve/mcp-serve.ts'
import { withServers } from '../serve/mcp-servers.ts'

const listCommand = command({
  name: 'list',
  about: 'List MCP servers and their state. No server starts.',
  options: [['--json', 'print them as JSON']],
  examples: ['mcp list', 'mcp list --json'],
  run: (cli, options) =>
    withServers(cli, async (servers) => {
      const listed = await servers.list()
      if (options.json) cli.terminal.json(listed)
      else if (listed.length === 0)
        cli.terminal.say('No MCP server is configured here. Name one in antiphon.yaml: mcpServers')
      else cli.terminal.table(['SERVER', 'FROM', 'STATE', 'COMMAND'], listed.map(rowOf))
    }),
})

function rowOf({ name, from, target, ...state }: McpServerState): readonly string[] {
  return [plainText(name, 64), from, stateText(state), target]
}

function stateText({ trust, tools }: Pick<McpServerState, 'trust' | 'tools'>): string {
  if (trust === 'untrusted') return 'not trusted'
  if (trust === 'changed') return 'changed since it was trusted'
  return tools === undefined ? 'not used yet' : `${formatCount(tools, 'tool')} pinned`
}

const toolsCommand = command({
  name: 'tools',
  about:
    'Show the pinned tools of an MCP server. A server of antiphon.yaml without pins is started, and its tools are pinned.',
  args: [['<name>', 'the name of the server']],
  options: [['--json', 'print them as JSON, including their JSON Schemas']],
  examples: ['mcp tools github', 'mcp tools github --json'],
  run: (cli, name, options) =>
    withServers(cli, async (servers, signal) => {
      const pins = await servers.find(name).pins(signal)
      const owner = await ownerOf(cli, name)
      if (options.json) cli.terminal.json(toolDocuments(owner, pins))
      else printTools(cli, owner, pins)
    }),
})

/** The name under which steps and agents find the tools of a server. */
async function ownerOf(cli: Cli, server: string): Promise<string> {
  const { loadLocalTools } = await import('./local-tools.ts')
  return (await loadLocalTools(cli)).toolbox.server(server) ?? server
}

const toolDocuments = (server: string, pins: ServerPins) =>
  Object.entries(pins).map(([tool, pin]) => ({ name: `${server}:${tool}`, ...pin }))

function printTools({ terminal }: Cli, server: string, pins: ServerPins): void {
  const rows = Object.entries(pins).map(([tool, { description }]) => [`${server}:${tool}`, plainText(description, 120)])
  terminal.table(['TOOL', 'DESCRIPTION'], rows)
}

const trustCommand = command({
  name: 'trust',
  about:
    'Trust an MCP server as it is now. Starts it, pins its tools in mcp.lock.json, and records its command line or URL.',
  args: [['<name>', 'the name of the server']],
  options: [['--json', 'print what was pinned as JSON']],
  examples: ['mcp list', 'mcp trust github', 'mcp trust github --json'],
  run: (cli, name, options) =>
    withServers(cli, async (servers, signal) => {
      const { terminal } = cli
      servers.find(name)
      const { target } = (await servers.list()).find((one) => one.name === name)!
      terminal.say(`Starting ${plainText(name, 64)}: ${target}`)
      const { pins, difference } = await servers.trust(name, signal)
      const owner = await ownerOf(cli, name)
      if (options.json) return terminal.json({ name, difference: difference ?? [], tools: toolDocuments(owner, pins) })
      printTools(cli, owner, pins)
      for (const line of difference ?? []) terminal.say(`  ${line}`)
      terminal.say(
        `${plainText(name, 64)} is trusted, and ${formatCount(Object.keys(pins).length, 'tool')} pinned in mcp.lock.json.`,
      )
    }),
})

export const mcpCommand = command({
  name: 'mcp',
  about: 'List, trust and sign in to MCP servers, or act as one.',
  commands: [listCommand, toolsCommand, trustCommand, loginCommand, logoutCommand, mcpServeCommand],
  examples: ['mcp list', 'mcp tools github', 'mcp trust github', 'mcp login github', 'mcp serve'],
})

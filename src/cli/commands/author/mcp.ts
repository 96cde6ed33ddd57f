import { Command } from 'commander'
import type { ServerPins } from '../../../tool/mcp/pins.ts'
import type { McpServerState } from '../../../tool/mcp/port.ts'
import { plainText } from '../../../tool/mcp/settings.ts'
import { exampleText } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { printJson } from '../../render/print.ts'
import { printTable } from '../../render/table.ts'
import { formatCount } from '../../terminal/format.ts'
import { loginCommand, logoutCommand } from '../serve/mcp-login.ts'
import { mcpServeCommand } from '../serve/mcp-serve.ts'
import { withServers } from '../serve/mcp-servers.ts'

type Options = { readonly json?: boolean }

/** `mcp list|tools|trust|login|logout|serve`: the servers of the Model Context Protocol that the configuration names, and antiphon as one. */
export function mcpCommand(cli: Cli): Command {
  const command = new Command('mcp').description('List, trust and sign in to MCP servers, or act as one.')
  const own = [listCommand(cli), toolsCommand(cli), trustCommand(cli), loginCommand(cli), logoutCommand(cli)]
  for (const sub of [...own, mcpServeCommand(cli)]) command.addCommand(sub)
  return command.addHelpText(
    'after',
    exampleText('mcp list', 'mcp tools github', 'mcp trust github', 'mcp login github', 'mcp serve'),
  )
}

function listCommand(cli: Cli): Command {
  return new Command('list')
    .description('List MCP servers and their state. No server starts.')
    .option('--json', 'print them as JSON')
    .addHelpText('after', exampleText('mcp list', 'mcp list --json'))
    .action((options: Options) =>
      withServers(cli, async (servers) => {
        const listed = await servers.list()
        if (options.json) printJson(cli.terminal, listed)
        else if (listed.length === 0)
          cli.terminal.say('No MCP server is configured here. Name one in antiphon.yaml: mcpServers')
        else printTable(cli.terminal, ['SERVER', 'FROM', 'STATE', 'COMMAND'], listed.map(rowOf))
      }),
    )
}

function rowOf({ name, from, target, ...state }: McpServerState): readonly string[] {
  return [plainText(name, 64), from, stateText(state), target]
}

function stateText({ trust, tools }: Pick<McpServerState, 'trust' | 'tools'>): string {
  if (trust === 'untrusted') return 'not trusted'
  if (trust === 'changed') return 'changed since it was trusted'
  return tools === undefined ? 'not used yet' : `${formatCount(tools, 'tool')} pinned`
}

function toolsCommand(cli: Cli): Command {
  return new Command('tools')
    .description(
      'Show the pinned tools of an MCP server. A server of antiphon.yaml without pins is started, and its tools are pinned.',
    )
    .argument('<name>', 'the name of the server')
    .option('--json', 'print them as JSON, including their JSON Schemas')
    .addHelpText('after', exampleText('mcp tools github', 'mcp tools github --json'))
    .action((name: string, options: Options) =>
      withServers(cli, async (servers, signal) => {
        const pins = await servers.find(name).pins(signal)
        if (options.json) printJson(cli.terminal, toolDocuments(name, pins))
        else printTools(cli, name, pins)
      }),
    )
}

const toolDocuments = (server: string, pins: ServerPins) =>
  Object.entries(pins).map(([tool, pin]) => ({ name: `${server}:${tool}`, ...pin }))

function printTools({ terminal }: Cli, server: string, pins: ServerPins): void {
  const rows = Object.entries(pins).map(([tool, { description }]) => [`${server}:${tool}`, plainText(description, 120)])
  printTable(terminal, ['TOOL', 'DESCRIPTION'], rows)
}

function trustCommand(cli: Cli): Command {
  return new Command('trust')
    .description(
      'Trust an MCP server as it is now. Starts it, pins its tools in mcp.lock.json, and records its command line or URL.',
    )
    .argument('<name>', 'the name of the server')
    .option('--json', 'print what was pinned as JSON')
    .addHelpText('after', exampleText('mcp list', 'mcp trust github', 'mcp trust github --json'))
    .action((name: string, options: Options) =>
      withServers(cli, async (servers, signal) => {
        const { terminal } = cli
        servers.find(name)
        const { target } = (await servers.list()).find((one) => one.name === name)!
        terminal.say(`Starting ${plainText(name, 64)}: ${target}`)
        const { pins, difference } = await servers.trust(name, signal)
        if (options.json)
          return printJson(terminal, { name, difference: difference ?? [], tools: toolDocuments(name, pins) })
        printTools(cli, name, pins)
        for (const line of difference ?? []) terminal.say(`  ${line}`)
        terminal.say(
          `${plainText(name, 64)} is trusted, and ${formatCount(Object.keys(pins).length, 'tool')} pinned in mcp.lock.json.`,
        )
      }),
    )
}

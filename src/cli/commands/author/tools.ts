import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { InvalidError } from '../../../errors.ts'
import type { FieldDescription, ToolDescription } from '../../../tool/describe.ts'
import { missingPlugin } from '../../arguments/plugin-entry.ts'
import { type Cli, command, SERVER_OPTIONS } from '../../cli.ts'
import { withRuntime } from '../../connect/session.ts'
import { commandLine } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { findTools, loadLocalTools } from './local-tools.ts'
import { callCommand } from './tools-call.ts'
import { writeOnce } from './write-once.ts'

const listCommand = command({
  name: 'list',
  about: 'List the tools that steps can use.',
  options: [['--json', 'print them as JSON'], ...SERVER_OPTIONS],
  examples: ['tools list', 'tools list --json'],
  async run(cli, { json, ...where }) {
    const print = (tools: readonly ToolDescription[]) => printTools(cli.terminal, tools, json)
    const options = { command: 'antiphon tools list', ...where }
    if (where.server === undefined) return print(await describeAll(cli))
    return withRuntime(cli, options, async ({ client }) => print(await client.catalogue.tools()))
  },
})

function printTools(terminal: Terminal, tools: readonly ToolDescription[], json: boolean | undefined): number {
  if (json) terminal.json(tools.map(({ input: _, output: __, ...rest }) => rest))
  else {
    const rows = tools.map(({ name, effect, description }) => [name, effect, description])
    terminal.table(['TOOL', 'EFFECT', 'DESCRIPTION'], rows)
    if (tools.length > 0) terminal.say(EFFECTS)
  }
  return 0
}

const EFFECTS =
  'Effects: pure may be repeated and may start early; idempotent may be repeated; at-most-once is never repeated.'

const describeCommand = command({
  name: 'describe',
  about: 'Describe a tool. Shows its parameters, its results and whether it may be repeated.',
  args: [['<name>', 'a tool such as terminal, or an operation such as filesystem:read']],
  options: [['--json', 'print it as JSON, including its JSON Schemas']],
  examples: ['tools describe filesystem:read', 'tools describe data-processing --json'],
  async run(cli, name, options) {
    const described = await describeAll(cli, name)
    if (options.json) cli.terminal.json(described)
    else for (const one of described) printDescription(cli.terminal, one)
    return 0
  },
})

async function describeAll(cli: Cli, name?: string): Promise<readonly ToolDescription[]> {
  const [{ toolbox }, { describeTool }] = await Promise.all([loadLocalTools(cli), import('../../../tool/describe.ts')])
  const tools = name === undefined ? toolbox.list() : findTools(toolbox, name)
  return tools.map(describeTool).sort((a, b) => (a.name < b.name ? -1 : 1))
}

function printDescription(terminal: Terminal, one: ToolDescription): void {
  const { name, description, effect, parameters, results } = one
  terminal.out(`${name}: ${description}`)
  terminal.out(`  effect: ${effect}`)
  printFields(terminal, 'parameters', parameters)
  if (results) printFields(terminal, 'results', results)
  terminal.out('')
}

function printFields(terminal: Terminal, what: string, fields: readonly FieldDescription[] | undefined): void {
  const none = fields ? ' none' : ' not described'
  terminal.out(`  ${what}:${fields && fields.length > 0 ? '' : none}`)
  for (const { name, type, required, default: given, description } of fields ?? []) {
    const notes = [
      ...(required && what === 'parameters' ? ['needed'] : []),
      ...(given === undefined ? [] : [`else ${JSON.stringify(given)}`]),
      ...(description === undefined ? [] : [description]),
    ]
    terminal.out(`    ${name}: ${type.replaceAll('`', '')}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`)
  }
}

/** `tools new NAME`: writes a file with a working tool. In packages of every type, .mts is a module. */
const newCommand = command({
  name: 'new',
  about: 'Create a tool of your own. Writes a working tool to the folder tools.',
  args: [
    ['<name>', 'name of the tool: lower-case letters, digits, - and _; shop:order is the operation order of shop'],
  ],
  examples: ['tools new shout', 'tools new shop:order'],
  async run(cli, name) {
    const { isToolName } = await import('../../../tool/plugin/tool-fault.ts')
    if (!isToolName(name))
      throw new InvalidError(`Expected the name of a tool, got ${name}.`, {
        hint: 'Use lower-case letters, digits, - and _, as in get_weather or shop:order.',
      })
    const { config, toolbox } = await loadLocalTools(cli)
    const { findClash } = await import('../../../tool/toolbox.ts')
    const clash = findClash(
      name,
      toolbox.list().map((tool) => tool.name),
    )
    if (clash !== undefined)
      throw new InvalidError(`The tool ${clash} already exists.`, { hint: 'Give yours another name.' })
    const path = join('tools', `${name.replace(':', '-')}.mts`)
    await writeOnce(join(config.folder, path), sourceOf(name))
    const { terminal } = cli
    terminal.out(relative(terminal.folder, join(config.folder, path)))
    const settings = await readFile(join(config.folder, 'antiphon.yaml'), 'utf8').catch(() => '')
    const missing = await missingPlugin(settings, path)
    const call = `  ${commandLine(['tools', 'call', name, 'text=hello'], terminal.environment)}`
    const steps = missing ? [`${missing.say} antiphon.yaml, then try it:`, `  ${missing.line}`] : ['Try it:']
    terminal.say([...steps, call].join('\n'))
    return 0
  },
})

const sourceOf = (name: string) => `import { defineTool } from 'antiphon'
import { z } from 'zod'

export default defineTool({
  name: '${name}',
  description: 'Returns text in capitals',
  // pure: safe to repeat, and may start before its message is on disk
  // · idempotent: safe to repeat · at-most-once: never repeated
  effect: 'pure',
  input: z.object({ text: z.string() }),
  output: z.object({ said: z.string() }),
  execute({ text }) {
    return { said: text.toUpperCase() }
  },
})
`

export const toolsCommand = command({
  name: 'tools',
  about: 'List, describe, call and create tools.',
  commands: [listCommand, describeCommand, callCommand, newCommand],
  examples: [
    'tools list',
    'tools describe filesystem:read',
    'tools call filesystem read path=README.md',
    'tools new shout',
  ],
})

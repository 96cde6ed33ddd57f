import { readFile } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { stringify } from 'yaml'
import type { AgentFinding } from '../../../agent/definition/finding.ts'
import type { AgentData } from '../../../agent/room/agents/port.ts'
import { InvalidError } from '../../../errors.ts'
import { present } from '../../../lib/json/present.ts'
import { command, targetOf } from '../../cli.ts'
import { limitOption, listCommand, showCommand } from '../../client-command.ts'
import { withRuntime } from '../../connect/session.ts'
import { localTime, oneLine } from '../../terminal/format.ts'

const NAME_ARGUMENT = ['<name>', 'name of the agent, as in `antiphon agent definitions list`'] as const

const putCommand = command({
  name: 'put',
  about: 'Put an agent, as the newest version of its name. Goals that have begun keep their version.',
  args: [
    ['<file>', 'YAML or JSON with the keys of an agent, or a Markdown file with front matter'],
    ['[name]', 'name of the agent (default: that of the file)'],
  ],
  options: [['--json', 'print the version as JSON']],
  at: 'server',
  examples: ['agent definitions put triage.yaml', 'agent definitions put agents/clerk.md night-clerk'],
  async run(cli, file, given, options) {
    const { terminal } = cli
    const { folder } = terminal
    const name = given ?? basename(file).replace(/(\.agent)?\.\w+$/, '')
    const definition = await readDefinition(resolve(folder, file), file)
    const where = {
      command: `antiphon agent definitions put ${file}`,
      ...targetOf(options),
      creates: true,
      serve: false,
    }
    return withRuntime(cli, where, async ({ client, command }) => {
      const put = await client.agents.put(name, definition)
      if (options.json) terminal.json(put)
      else {
        for (const { severity, path, message, hint } of put.findings)
          terminal.say(`${severity}: ${path === undefined ? '' : `${path}: `}${message}${hint ? `. ${hint}` : ''}`)
        terminal.say(
          put.isNew ? `${name} has a new version ${put.hash.slice(0, 12)}.` : `${name} has this version already.`,
        )
        terminal.say(`To give it a goal: ${command('agent', 'run', name, 'GOAL')}`)
      }
      return 0
    })
  },
})

/** The definition in a file. The front matter of a Markdown file has the keys, and its text is the instructions. */
async function readDefinition(path: string, shown: string): Promise<AgentData> {
  const [{ readFrontMatter }, { readBoundedYaml }] = await Promise.all([
    import('../../../agent/definition/front-matter.ts'),
    import('../../../yaml/read.ts'),
  ])
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message
    throw new InvalidError(`The agent cannot be read: ${why}.`, { place: { file: path }, cause })
  })
  if (extname(path) !== '.md') {
    const read = readBoundedYaml(text, 'the agent')
    if ('value' in read) return read.value as AgentData
    throw new InvalidError(read.message, { code: 'invalid_agent', place: { file: path, ...read.place } })
  }
  const front = readFrontMatter(text, shown)
  if ('fault' in front) throw wrong(front.fault, path)
  const { on_unknown: onUnknown, on_failure: onFailure, on_change: onChange, name: _, ...keys } = front.head
  const spelled = present({ onUnknown, onFailure, onChange })
  return { ...keys, ...spelled, instructions: front.body } as AgentData
}

function wrong({ message, hint, line, column }: AgentFinding, file: string): InvalidError {
  const place = { file, ...(line !== undefined && { line }), ...(column !== undefined && { column }) }
  return new InvalidError(message, { code: 'invalid_agent', place, hint })
}

const listAgentsCommand = listCommand({
  about: 'List agents that were put, by name.',
  options: [['--json', 'print them as JSON'], limitOption('agents', 100)],
  examples: ['agent definitions list', 'agent definitions list --json'],
  ask: ({ agents }, query) => agents.list(query),
  none: 'No agent was put here. Put one with: antiphon agent definitions put FILE',
  head: ['AGENT', 'OWNER', 'VERSION', 'PUT', 'DESCRIPTION'],
  row: ({ name, owner, hash, updatedAt, description = '' }) => [
    ...[name, owner, hash.slice(0, 12), localTime(updatedAt), oneLine(description, 80)],
  ],
})

const showAgentCommand = showCommand({
  about: 'Show an agent that was put, and its versions.',
  args: [NAME_ARGUMENT],
  options: [
    ['--hash <hash>', 'the version with this hash (default: the newest)'],
    ['--json', 'print it as JSON'],
  ],
  examples: ['agent definitions show triage'],
  ask: ({ agents }, name, { hash: version }) => agents.get(name, version === undefined ? {} : { version }),
  print({ name, owner, hash, untrusted, definition, versions }, terminal) {
    terminal.out(`${name} of ${owner}, version ${hash}${untrusted ? ', from the network' : ''}`)
    for (const version of versions) terminal.out(`  ${localTime(version.at)}  ${version.hash}`)
    terminal.out(`\n${stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd()}`)
  },
})

const removeAgentCommand = showCommand({
  name: 'remove',
  about: 'Remove an agent that was put, with all its versions. Its goals continue.',
  args: [NAME_ARGUMENT],
  options: [['--json', 'print the name as JSON']],
  examples: ['agent definitions remove triage'],
  opens: {},
  ask: ({ agents }, name) => agents.remove(name),
  json: (_, removed) => ({ removed }),
  print: (_, terminal, name) => terminal.say(`${name} is removed.`),
})

export const agentDefinitionsCommand = command({
  name: 'definitions',
  about: 'Put, list, show and remove agents at run time.',
  commands: [putCommand, listAgentsCommand, showAgentCommand, removeAgentCommand],
})

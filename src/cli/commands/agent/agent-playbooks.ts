import type { LearnedPlaybookDocument, PlaybookSummary } from '../../../agent/room/port.ts'
import { parseLimit } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { type CommandRecord, command } from '../../command.ts'
import { withReader } from '../../connect/reader.ts'
import { withRuntime } from '../../connect/session.ts'
import { type ConnectionTarget, targetOf } from '../../connect/target.ts'
import { playbookLines } from '../../render/playbook-lines.ts'
import { printJson, showList } from '../../render/print.ts'
import { printTable } from '../../render/table.ts'
import { oneLine } from '../../render/text.ts'
import { localTime } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

type Options = ConnectionTarget & { readonly json?: boolean }
type ListOptions = Options & { readonly limit: number }

const PLAYBOOK_ARGUMENT = ['<playbook>', 'id of the playbook, as in `antiphon agent playbooks list`'] as const

const listCommand = command({
  name: 'list',
  about: 'List learned playbooks, by agent.',
  args: [['[agent]', 'only those of this agent']],
  options: [
    ['--json', 'print them as JSON'],
    ['--limit <number>', 'maximum number of playbooks, up to 1000', { parse: parseLimit, default: 100 }],
  ],
  at: 'server',
  examples: ['agent playbooks list', 'agent playbooks list clerk --json'],
  run(cli, agent, options) {
    const { limit } = options
    const where = { command: 'antiphon agent playbooks list', ...targetOf(options) }
    return withReader(cli, { ...where, empty: () => showAll(cli, options, []) }, async ({ client }) =>
      showAll(cli, options, await client.playbooks.list({ limit, ...(agent !== undefined && { agent }) })),
    )
  },
})

function showAll({ terminal }: Cli, { json, limit }: ListOptions, playbooks: readonly PlaybookSummary[]): number {
  const none = 'Nothing was learned here yet. A goal of an agent with `learn: propose` may teach a playbook.'
  return showList(terminal, playbooks, { json, limit, none, print: () => printAll(terminal, playbooks) })
}

function printAll(terminal: Terminal, playbooks: readonly PlaybookSummary[]): void {
  const rows = playbooks.map(({ id, status, uses, failures, usedAt, form }) => [
    ...[id, status, String(uses), String(failures), usedAt === undefined ? '' : localTime(usedAt), oneLine(form, 80)],
  ])
  printTable(terminal, ['PLAYBOOK', 'STATUS', 'USES', 'FAILURES', 'LAST USED', 'FOR GOALS LIKE'], rows)
}

const showCommand = command({
  name: 'show',
  about: 'Show a learned playbook: its goals, use and pipeline.',
  args: [PLAYBOOK_ARGUMENT],
  options: [['--json', 'print it as JSON']],
  at: 'server',
  examples: ['agent playbooks show clerk-3f9a1c20'],
  run(cli, id, options) {
    return read(cli, `show ${id}`, id, options, ({ terminal }, playbook) => {
      if (options.json) printJson(terminal, playbook)
      else printPlaybook(terminal, playbook)
    })
  },
})

function printPlaybook(terminal: Terminal, playbook: LearnedPlaybookDocument): void {
  const { id, form, goal, learnedAt, uses, failures, usedAt, pipeline, status } = playbook
  terminal.out(`${id}, for goals like: ${oneLine(form, 300)}`)
  terminal.out(`${status}, learned from ${goal}, ${localTime(learnedAt)}`)
  terminal.out(
    `${uses} uses, ${failures} failures in a row${usedAt === undefined ? '' : `, last ${localTime(usedAt)}`}`,
  )
  terminal.out('')
  for (const line of playbookLines(playbook)) terminal.out(line)
  terminal.out(`\n${pipeline.trimEnd()}`)
}

const exportCommand = command({
  name: 'export',
  about: 'Print the pipeline of a learned playbook as YAML. `antiphon run` accepts it.',
  args: [PLAYBOOK_ARGUMENT],
  options: [['--json', 'print the pipeline as a JSON text']],
  at: 'server',
  examples: ['agent playbooks export clerk-3f9a1c20 > copy.yaml'],
  run(cli, id, options) {
    return read(cli, `export ${id}`, id, options, ({ terminal }, { pipeline }) => {
      if (options.json) printJson(terminal, { id, pipeline })
      else terminal.out(pipeline.trimEnd())
    })
  },
})

function read(
  cli: Cli,
  command: string,
  id: string,
  options: Options,
  print: (cli: Cli, playbook: LearnedPlaybookDocument) => void,
): Promise<number> {
  const where = { command: `antiphon agent playbooks ${command}`, ...targetOf(options) }
  return withReader(cli, where, async ({ client }) => {
    print(cli, await client.playbooks.get(id))
    return 0
  })
}

const acceptCommand = changeCommand(
  'accept',
  'accepted',
  'Accept a learned playbook. Goals of its form follow it, and ask no model.',
)
const rejectCommand = changeCommand(
  'reject',
  'rejected',
  'Reject a learned playbook. No goal follows it, and it is not proposed again.',
)
const forgetCommand = changeCommand(
  'forget',
  'forgotten',
  'Forget a learned playbook. The next goal of its form thinks again.',
)

function changeCommand(verb: 'accept' | 'reject' | 'forget', done: string, about: string): CommandRecord {
  return command({
    name: verb,
    about,
    args: [PLAYBOOK_ARGUMENT],
    options: [['--json', 'print the id as JSON']],
    at: 'server',
    examples: [`agent playbooks ${verb} clerk-3f9a1c20`],
    run(cli, id, options) {
      const where = { command: `antiphon agent playbooks ${verb} ${id}`, ...targetOf(options) }
      return withRuntime(cli, where, async ({ client }) => {
        await client.playbooks[verb](id)
        if (options.json) printJson(cli.terminal, { [done]: id })
        else cli.terminal.say(`${id} is ${done}.`)
        return 0
      })
    },
  })
}

/** `agent playbooks …`: the playbooks that agents have learned from their goals. */
export const agentPlaybooksCommand = command({
  name: 'playbooks',
  about: 'List, show, accept and forget what agents have learned.',
  commands: [listCommand, showCommand, acceptCommand, rejectCommand, exportCommand, forgetCommand],
})

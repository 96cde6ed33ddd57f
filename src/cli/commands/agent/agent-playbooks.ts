import { Command } from 'commander'
import type { LearnedPlaybookDocument, PlaybookSummary } from '../../../runtime/ports/playbooks.ts'
import { DATA_OPTION, exampleText, parseLimit } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { withReader } from '../../connect/reader.ts'
import { withRuntime } from '../../connect/session.ts'
import { type ConnectionTarget, targetOf, withServerOptions } from '../../connect/target.ts'
import { playbookLines } from '../../render/playbook-lines.ts'
import { printJson, showList } from '../../render/print.ts'
import { printTable } from '../../render/table.ts'
import { oneLine } from '../../render/text.ts'
import { localTime } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

type Options = ConnectionTarget & { readonly json?: boolean }
type ListOptions = Options & { readonly limit: number }

const PLAYBOOK_ARGUMENT = ['<playbook>', 'id of the playbook, as in `antiphon agent playbooks list`'] as const

/** `agent playbooks …`: the playbooks that agents have learned from their goals. */
export function agentPlaybooksCommand(cli: Cli): Command {
  const command = new Command('playbooks').description('List, show, accept and forget what agents have learned.')
  for (const make of [listCommand, showCommand, acceptCommand, rejectCommand, exportCommand, forgetCommand])
    command.addCommand(withServerOptions(make(cli)))
  return command
}

function listCommand(cli: Cli): Command {
  return new Command('list')
    .description('List learned playbooks, by agent.')
    .argument('[agent]', 'only those of this agent')
    .option('--json', 'print them as JSON')
    .option('--limit <number>', 'maximum number of playbooks, up to 1000', parseLimit, 100)
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('agent playbooks list', 'agent playbooks list clerk --json'))
    .action(async (agent: string | undefined, options: ListOptions) => cli.exit(await list(cli, agent, options)))
}

function list(cli: Cli, agent: string | undefined, options: ListOptions): Promise<number> {
  const { limit } = options
  const where = { command: 'antiphon agent playbooks list', ...targetOf(options) }
  return withReader(cli, { ...where, empty: () => showAll(cli, options, []) }, async ({ client }) =>
    showAll(cli, options, await client.playbooks.list({ limit, ...(agent !== undefined && { agent }) })),
  )
}

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

function showCommand(cli: Cli): Command {
  return new Command('show')
    .description('Show a learned playbook: its goals, use and pipeline.')
    .argument(...PLAYBOOK_ARGUMENT)
    .option('--json', 'print it as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('agent playbooks show clerk-3f9a1c20'))
    .action(async (id: string, options: Options) => cli.exit(await show(cli, id, options)))
}

function show(cli: Cli, id: string, options: Options): Promise<number> {
  return read(cli, `show ${id}`, id, options, ({ terminal }, playbook) => {
    if (options.json) printJson(terminal, playbook)
    else printPlaybook(terminal, playbook)
  })
}

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

function exportCommand(cli: Cli): Command {
  return new Command('export')
    .description('Print the pipeline of a learned playbook as YAML. `antiphon run` accepts it.')
    .argument(...PLAYBOOK_ARGUMENT)
    .option('--json', 'print the pipeline as a JSON text')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('agent playbooks export clerk-3f9a1c20 > copy.yaml'))
    .action(async (id: string, options: Options) => cli.exit(await exportPlaybook(cli, id, options)))
}

function exportPlaybook(cli: Cli, id: string, options: Options): Promise<number> {
  return read(cli, `export ${id}`, id, options, ({ terminal }, { pipeline }) => {
    if (options.json) printJson(terminal, { id, pipeline })
    else terminal.out(pipeline.trimEnd())
  })
}

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

const acceptCommand = (cli: Cli) =>
  changeCommand(cli, 'accept', 'accepted', 'Accept a learned playbook. Goals of its form follow it, and ask no model.')
const rejectCommand = (cli: Cli) =>
  changeCommand(
    cli,
    'reject',
    'rejected',
    'Reject a learned playbook. No goal follows it, and it is not proposed again.',
  )
const forgetCommand = (cli: Cli) =>
  changeCommand(cli, 'forget', 'forgotten', 'Forget a learned playbook. The next goal of its form thinks again.')

function changeCommand(cli: Cli, verb: 'accept' | 'reject' | 'forget', done: string, description: string): Command {
  return new Command(verb)
    .description(description)
    .argument(...PLAYBOOK_ARGUMENT)
    .option('--json', 'print the id as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText(`agent playbooks ${verb} clerk-3f9a1c20`))
    .action(async (id: string, options: Options) => {
      const where = { command: `antiphon agent playbooks ${verb} ${id}`, ...targetOf(options) }
      const change = withRuntime(cli, where, async ({ client }) => {
        await client.playbooks[verb](id)
        if (options.json) printJson(cli.terminal, { [done]: id })
        else cli.terminal.say(`${id} is ${done}.`)
        return 0
      })
      cli.exit(await change)
    })
}

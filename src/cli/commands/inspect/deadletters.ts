import { Command, Option } from 'commander'
import { stringify } from 'yaml'
import type { LetterSummary } from '../../../runtime/ports/inspector.ts'
import { DATA_OPTION, examples, smallNumber } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { look } from '../../connect/reader.ts'
import type { Whereabouts } from '../../connect/target.ts'
import { oneLine } from '../../render/draw.ts'
import { printJson, printTable, showList } from '../../render/print.ts'
import { shown } from '../../render/redact.ts'
import { moment } from '../../terminal/format.ts'
import { dropCommand } from './deadletters-drop.ts'
import { retryCommand } from './deadletters-retry.ts'

type Options = Whereabouts & { readonly json?: boolean }
type ListOptions = Options & { readonly limit: number }

/** `deadletters list|show|retry|drop`: messages that failed for good. */
export function deadLettersCommand(cli: Cli): Command {
  const command = new Command('deadletters').description(
    'Messages that failed for good: look at them, send them again, drop them.',
  )
  for (const sub of [listCommand(cli), showCommand(cli), retryCommand(cli), dropCommand(cli)]) command.addCommand(sub)
  return command.addHelpText(
    'after',
    examples('deadletters list', 'deadletters show ID', 'deadletters retry ID', 'deadletters drop ID --yes'),
  )
}

function listCommand(cli: Cli): Command {
  return new Command('list')
    .description('List dead letters, the newest first.')
    .addOption(new Option('--limit <number>', 'how many at most, up to 1000').argParser(smallNumber).default(20))
    .option('--json', 'print them as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', examples('deadletters list', 'deadletters list --limit 100 --json'))
    .action(async (options: ListOptions) => cli.exit(await list(cli, options)))
}

function list(cli: Cli, { limit, json, ...where }: ListOptions): Promise<number> {
  const { terminal } = cli
  return look(cli, { command: 'antiphon deadletters', ...where, empty: () => tell([]) }, async ({ client }) =>
    tell(await client.inspector.letters({ limit })),
  )

  function tell(letters: readonly LetterSummary[]): number {
    const print = () => printTable(terminal, ['ID', 'SINCE', 'TO', 'CODE', 'PROBLEM'], letters.map(rowOf))
    return showList(terminal, letters, { json, limit, none: 'There are no dead letters here.', print })
  }
}

function rowOf({ id, at, to, problem }: LetterSummary): readonly string[] {
  return [id, moment(at), to, problem.code, oneLine(problem.message, 80)]
}

function showCommand(cli: Cli): Command {
  return new Command('show')
    .description('Show a dead letter. Texts are cut, and what is named like a secret is hidden; --json cuts nothing.')
    .argument('<id>', 'the id of the letter')
    .option('--json', 'print it as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', examples('deadletters show 3xJd0vQ', 'deadletters show 3xJd0vQ --json'))
    .action(async (id: string, options: Options) => cli.exit(await show(cli, id, options)))
}

function show(cli: Cli, id: string, { json = false, ...where }: Options): Promise<number> {
  const { terminal } = cli
  return look(cli, { command: 'antiphon deadletters', ...where }, async ({ client }) => {
    const letter = await client.inspector.letter(id)
    if (json) printJson(terminal, shown(letter, { cut: false }))
    else terminal.out(stringify(shown(letter), { lineWidth: 0 }).trimEnd())
    return 0
  })
}

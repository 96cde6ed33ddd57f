import { Command } from 'commander'
import { InvalidError } from '../../../errors.ts'
import { DATA_OPTION, examples } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { look } from '../../connect/reader.ts'
import type { Whereabouts } from '../../connect/target.ts'
import { printJson } from '../../render/print.ts'
import type { Terminal } from '../../terminal/terminal.ts'

type Options = Whereabouts & { readonly yes?: boolean; readonly json?: boolean }

/** `deadletters drop ID…`: asks, then drops them for good. */
export function dropCommand(cli: Cli): Command {
  return new Command('drop')
    .description('Drop dead letters for good. Asks first.')
    .argument('<id...>', 'the ids of the letters')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print what was dropped as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', examples('deadletters drop 3xJd0vQ', 'deadletters drop 3xJd0vQ 9fKp2mA --yes'))
    .action(async (ids: readonly string[], options: Options) => cli.exit(await drop(cli, ids, options)))
}

async function drop(
  cli: Cli,
  ids: readonly string[],
  { yes = false, json = false, ...where }: Options,
): Promise<number> {
  const { terminal } = cli
  if (
    !yes &&
    !(await isMeant(terminal, `Drop ${ids.length === 1 ? ids[0] : `${ids.length} letters`} for good? [y/N] `))
  )
    return 1
  return look(cli, { command: 'antiphon deadletters drop', ...where }, async ({ client }) => {
    const dropped = []
    for (const id of ids) dropped.push(await client.inspector.drop(id))
    if (json) printJson(terminal, dropped)
    else for (const { id, to } of dropped) terminal.out(`${id} to ${to}: dropped`)
    return 0
  })
}

async function isMeant({ read }: Terminal, question: string): Promise<boolean> {
  if (!read) throw new InvalidError('What is dropped is gone for good.', { hint: 'Say --yes if that is meant.' })
  const answer = await read(question, new AbortController().signal)
  return /^y(es)?$/i.test(answer?.trim() ?? '')
}

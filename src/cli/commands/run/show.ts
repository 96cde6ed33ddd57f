import { Command } from 'commander'
import { RUN_ARGUMENT, runRef } from '../../arguments/ids.ts'
import { DATA_OPTION, examples } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { look } from '../../connect/reader.ts'
import type { Whereabouts } from '../../connect/target.ts'
import { printJson, printLines } from '../../render/print.ts'
import { detailLines, runLines } from './show-lines.ts'

type Options = Whereabouts & { readonly json?: boolean }

/** `show RUN [STEP]`: what a run did, or one of its steps in full. */
export function showCommand(cli: Cli): Command {
  return new Command('show')
    .description(
      'Show a run: its status and its steps. With a step: its parameters, the messages its model got, the reply, attempts, error and result.',
    )
    .argument('<run>', RUN_ARGUMENT)
    .argument('[step]', 'the id of a step, as the run shows it')
    .option('--json', 'print it as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', examples('show last', 'show run_3xJd0vQ summary', 'show last summary --json'))
    .action(async (run: string, step: string | undefined, options: Options) =>
      cli.exit(await show(cli, run, step, options)),
    )
}

function show(cli: Cli, given: string, step: string | undefined, { json = false, ...where }: Options): Promise<number> {
  const { terminal } = cli
  return look(cli, { command: 'antiphon show', ...where }, async ({ client, command }) => {
    const run = await runRef(client, given)
    const found = step === undefined ? await client.run(run) : await client.step(run, step)
    if (json) printJson(terminal, found)
    else if ('steps' in found) printLines(terminal, runLines(found, { colors: terminal.outColors, command }))
    else printLines(terminal, detailLines(found, terminal.outColors))
    return 0
  })
}

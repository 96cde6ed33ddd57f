import { Command } from 'commander'
import { anyRef } from '../../arguments/ids.ts'
import { DATA_OPTION, examples } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { look } from '../../connect/reader.ts'
import type { Whereabouts } from '../../connect/target.ts'
import { printJson, printLines } from '../../render/print.ts'
import { whyLines } from './why-lines.ts'

type Options = Whereabouts & { readonly json?: boolean }

/** `why REF`: what something waits for, and what would let it go on. */
export function whyCommand(cli: Cli): Command {
  return new Command('why')
    .description('Say what a run, a question or an actor waits for, since when, and what would let it go on.')
    .argument('<ref>', 'the id of a run, of a question under way or of a thread, or kind/key of an actor')
    .option('--json', 'print it as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', examples('why run_3xJd0vQ', 'why chain/main', 'why step/run_3xJd0vQ.summary --json'))
    .action(async (ref: string, options: Options) => cli.exit(await why(cli, ref, options)))
}

function why(cli: Cli, ref: string, { json = false, ...where }: Options): Promise<number> {
  const { terminal } = cli
  return look(cli, { command: 'antiphon why', ...where }, async ({ client, command }) => {
    const answer = await client.inspector.why(await anyRef(client, ref))
    if (json) printJson(terminal, answer)
    else printLines(terminal, whyLines(answer, { now: Date.now(), command, colors: terminal.outColors }))
    return 0
  })
}

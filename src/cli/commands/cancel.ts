import { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { DATA_OPTION, examples } from '../options.ts'
import { printRun } from '../print.ts'
import { withRuntime } from '../session.ts'
import type { Whereabouts } from '../whereabouts.ts'

type Options = Whereabouts & { readonly reason: string; readonly undo?: boolean; readonly json?: boolean }

/** `cancel RUN`: calls a run off, with all that works for it. */
export function cancelCommand(cli: Cli): Command {
  return new Command('cancel')
    .description(
      'Call a run off with all that works for it: what is under way is interrupted, nothing more is started.',
    )
    .argument('<run>', 'the id of the run, as "antiphon runs" shows it')
    .option('--reason <text>', 'why; it is kept with the run', 'it was called off')
    .option('--undo', 'undo what it did before it ends, where its pipeline says `on_failure: undo`')
    .option('--json', 'print the run as JSON')
    .option(...DATA_OPTION)
    .addHelpText(
      'after',
      examples('cancel run_3xJd0vQ', 'cancel run_3xJd0vQ --reason "wrong topic"', 'cancel run_3xJd0vQ --undo'),
    )
    .action(async (run: string, options: Options) => cli.exit(await cancel(cli, run, options)))
}

async function cancel(
  cli: Cli,
  id: string,
  { reason, undo = false, json = false, ...where }: Options,
): Promise<number> {
  return withRuntime(cli, { command: `antiphon cancel ${id}`, ...where }, async ({ client, signal }) => {
    await client.cancel(id, reason, { undo })
    for await (const { body } of client.runEvents(id, { signal }))
      if ((body as { readonly type?: string }).type === 'run-end') break
    const run = await client.run(id)
    if (json) printRun(cli.terminal, run, true)
    else cli.terminal.say(`${id} is ${run.status}.`)
    return run.status === 'cancelled' ? 0 : 1
  })
}

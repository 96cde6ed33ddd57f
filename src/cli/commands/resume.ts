import { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { followToEnd, runId } from '../follow.ts'
import { DATA_OPTION, examples } from '../options.ts'
import { withRuntime } from '../session.ts'
import { commandLine } from '../words.ts'

type Options = { readonly json?: boolean; readonly data?: string }

/** `resume RUN`: takes up what was interrupted, or follows what is under way. */
export function resumeCommand(cli: Cli): Command {
  return new Command('resume')
    .description('Go on with an interrupted run, or follow one that is under way, and print its result.')
    .argument('<run>', 'the id of the run, as "antiphon runs" shows it')
    .option('--json', 'print the run as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', examples('resume run_3xJd0vQ', 'resume run_3xJd0vQ --json'))
    .action(async (id: string, options: Options) => cli.exit(await resume(cli, id, options)))
}

function resume(cli: Cli, given: string, { json = false, data }: Options): Promise<number> {
  const id = runId(given, commandLine(['ask', 'the question', '--id', given], cli.terminal.environment))
  return withRuntime(cli, { command: `antiphon resume ${id}`, data }, async (session) => {
    await session.client.resume(id)
    return followToEnd(cli, session, id, json)
  })
}

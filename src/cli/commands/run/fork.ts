import { Command } from 'commander'
import type { ForkRequest } from '../../../runtime/ports/runs.ts'
import { RUN_ARGUMENT, resolveRunId } from '../../arguments/ids.ts'
import { budgetOption, DATA_OPTION, exampleText, newId, parseInput } from '../../arguments/options.ts'
import { outputOption } from '../../arguments/output-file.ts'
import type { Cli } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { type ConnectionTarget, targetOf } from '../../connect/target.ts'
import { printStarted, withBackground } from './background.ts'
import { followToEnd, outputFormOf } from './follow.ts'

type Options = ConnectionTarget & {
  readonly at?: string
  readonly set?: { readonly [name: string]: string }
  readonly json?: boolean
  readonly output?: string
  readonly detach?: boolean
  readonly budget?: number
}

/** `fork RUN`: a new run that reuses the results of another, except for the changed parts. */
export function forkCommand(cli: Cli): Command {
  return new Command('fork')
    .description(
      'Start a new run from an earlier one, with changes. Recorded results are reused at no cost. Only the changed step or input and everything after it runs again.',
    )
    .argument('<run>', RUN_ARGUMENT)
    .option('--at <step>', 'run this step again; write LOOP.STEP for a step in a loop')
    .option('--set <key=value>', 'change an input; can be repeated', parseInput)
    .option('--json', 'print the run as JSON')
    .addOption(outputOption())
    .addOption(budgetOption())
    .option('--detach', 'run in the background and print the id of the run')
    .option(...DATA_OPTION)
    .addHelpText(
      'after',
      exampleText('fork run_3xJd0vQ --at summarize', 'fork run_3xJd0vQ --set topic=tides --budget 2.00'),
    )
    .action(async (run: string, { at, set, budget, ...options }: Options, command: Command) => {
      if (at === undefined && set === undefined)
        command.error('error: expected --at STEP or --set KEY=VALUE. To repeat the run unchanged: antiphon replay')
      const request = { ...(at !== undefined && { at }), ...(set && { set }), ...budgetOf(budget) }
      cli.exit(await fork(cli, run, request, options))
    })
}

/** `replay RUN`: the same run again, from its recorded results. */
export function replayCommand(cli: Cli): Command {
  return new Command('replay')
    .description(
      'Repeat an earlier run from its recorded results. Only steps that did not complete run again; the rest costs nothing.',
    )
    .argument('<run>', RUN_ARGUMENT)
    .option('--json', 'print the run as JSON')
    .addOption(outputOption())
    .addOption(budgetOption())
    .option('--detach', 'run in the background and print the id of the run')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('replay run_3xJd0vQ', 'replay run_3xJd0vQ --json'))
    .action(async (run: string, { budget, ...options }: Options) =>
      cli.exit(await fork(cli, run, budgetOf(budget), options)),
    )
}

const budgetOf = (budget: number | undefined) => (budget === undefined ? {} : { budget })

async function fork(
  cli: Cli,
  given: string,
  request: ForkRequest,
  { detach = false, ...asked }: Options,
): Promise<number> {
  const shape = outputFormOf(cli, asked)
  const options = { command: `antiphon fork ${given}`, ...targetOf(asked) }
  if (detach)
    return withBackground(cli, options, async (session) => {
      const run = await resolveRunId(session.client, given)
      return printStarted(
        cli,
        session,
        (await session.client.runs.fork(run, named(session, request))).id,
        shape.json ?? false,
      )
    })
  const interactive = cli.terminal.read !== undefined && { interactive: true }
  return withRuntime(cli, options, async (session) => {
    const run = await resolveRunId(session.client, given)
    const { id } = await session.client.runs.fork(run, named(session, { ...request, ...interactive }))
    return followToEnd(cli, session, id, shape)
  })
}

/** Gives the fork an id, so that a repeated request to a server starts it only once. */
function named({ isAway }: Session, request: ForkRequest): ForkRequest {
  return isAway ? { ...request, id: newId('run') } : request
}

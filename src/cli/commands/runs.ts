import { existsSync } from 'node:fs'
import { Command, Option } from 'commander'
import type { RunSummary } from '../../runtime.ts'
import { type Cli, configureHere } from '../cli.ts'
import { DATA_OPTION, examples, smallNumber } from '../options.ts'
import { printJson, printRuns } from '../print.ts'
import { withRuntime } from '../session.ts'

type Options = { readonly json?: boolean; readonly data?: string; readonly limit: number; readonly status?: string }

const STATUSES = ['running', 'completed', 'failed', 'cancelled']

/** `runs`: what was started in this data folder. */
export function runsCommand(cli: Cli): Command {
  return new Command('runs')
    .description('List runs, the newest first.')
    .option('--json', 'print them as JSON')
    .addOption(new Option('--status <status>', 'only those of this status').choices(STATUSES))
    .option('--limit <number>', 'how many at most, up to 1000', smallNumber, 20)
    .option(...DATA_OPTION)
    .addHelpText('after', examples('runs', 'runs --status failed', 'runs --json'))
    .action(async (options: Options) => cli.exit(await list(cli, options)))
}

async function list(cli: Cli, options: Options): Promise<number> {
  const setup = await configureHere(cli, options.data)
  if (!existsSync(setup.data)) return show(cli, options, [])
  const { data, status, limit } = options
  return withRuntime(cli, { command: 'antiphon runs', data, serve: false }, async ({ client }) =>
    show(cli, options, await client.runs({ limit, ...(status !== undefined && { status }) })),
  )
}

function show({ terminal }: Cli, { json, status }: Options, runs: readonly RunSummary[]): number {
  if (json) printJson(terminal, runs)
  else if (runs.length > 0) printRuns(terminal, runs)
  else if (status !== undefined) terminal.say(`No run here is ${status}. All of them: antiphon runs`)
  else terminal.say('There are no runs here yet. Start one with: antiphon run FILE')
  return 0
}

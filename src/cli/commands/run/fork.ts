import type { ForkRequest } from '../../../run/room/port.ts'
import { RUN_ARGUMENT, resolveRunId } from '../../arguments/ids.ts'
import { budgetOption, newId, parseInput, priorityOption, WAIT_OPTION } from '../../arguments/options.ts'
import { WHEN_OPTIONS, whenOf } from '../../arguments/when.ts'
import { type Cli, type ConnectionTarget, command, type OptionRecord, type OptionsOf, targetOf } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { printStarted, withBackground } from './background.ts'
import { followToEnd, OUTPUT_OPTION, outputFormOf } from './follow.ts'

const SHARED = [
  ['--json', 'print the run as JSON'],
  OUTPUT_OPTION,
  budgetOption(),
  priorityOption('as the earlier run'),
  WAIT_OPTION,
  ...WHEN_OPTIONS,
  ['--detach', 'run in the background and print the id of the run'],
] as const satisfies readonly OptionRecord[]
type Options = ConnectionTarget & OptionsOf<typeof SHARED>

export const forkCommand = command({
  name: 'fork',
  about:
    'Start a new run from an earlier one, with changes. Recorded results are reused at no cost. Only the changed step or input and everything after it runs again.',
  args: [['<run>', RUN_ARGUMENT]],
  options: [
    ['--at <step>', 'run this step again; write LOOP.STEP for a step in a loop'],
    ['--set <key=value>', 'change an input; can be repeated', { parse: parseInput }],
    ...SHARED,
  ],
  at: 'server',
  examples: ['fork run_3xJd0vQ --at summarize', 'fork run_3xJd0vQ --set topic=tides --budget 2.00'],
  run(cli, run, { at, set, ...options }, command) {
    if (at === undefined && set === undefined)
      command.error('error: expected --at STEP or --set KEY=VALUE. To repeat the run unchanged: antiphon replay')
    return fork(cli, run, { ...(at !== undefined && { at }), ...(set && { set }) }, options)
  },
})

export const replayCommand = command({
  name: 'replay',
  about:
    'Repeat an earlier run from its recorded results. Only steps that did not complete run again; the rest costs nothing.',
  args: [['<run>', RUN_ARGUMENT]],
  options: SHARED,
  at: 'server',
  examples: ['replay run_3xJd0vQ', 'replay run_3xJd0vQ --json'],
  run: (cli, run, options) => fork(cli, run, {}, options),
})

async function fork(
  cli: Cli,
  given: string,
  change: Pick<ForkRequest, 'at' | 'set'>,
  { detach = false, budget, priority, ...asked }: Options,
): Promise<number> {
  const when = whenOf(asked)
  const request = { ...change, ...(budget !== undefined && { budget }), ...(priority && { priority }), ...when }
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

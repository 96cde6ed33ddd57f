import type { RunSummary } from '../../../run/room/documents.ts'
import type { RuntimeStatus } from '../../../runtime/ports/maintenance.ts'
import { parseLimit } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { command } from '../../command.ts'
import { withReader } from '../../connect/reader.ts'
import { type ConnectionTarget, targetOf } from '../../connect/target.ts'
import { printRuns, showList } from '../../render/print.ts'

type Options = ConnectionTarget & { readonly json?: boolean; readonly limit: number; readonly status?: string }

const STATUSES = ['running', 'waiting', 'completed', 'failed', 'cancelled']

/** `runs`: the runs of this data folder. */
export const runsCommand = command({
  name: 'runs',
  about: 'List runs, the newest first.',
  options: [
    ['--json', 'print them as JSON'],
    ['--status <status>', 'only runs with this status', { choices: STATUSES }],
    ['--limit <number>', 'maximum number of runs, up to 1000', { parse: parseLimit, default: 20 }],
  ],
  at: 'server',
  examples: ['runs', 'runs --status failed', 'runs --json'],
  run(cli, options) {
    const { status, limit } = options
    const where = { command: 'antiphon runs', ...targetOf(options) }
    return withReader(cli, { ...where, empty: () => show(cli, options, []) }, async ({ client, isAway, command }) => {
      const runs = await client.runs.list({ limit, ...(status !== undefined && { status }) })
      const code = show(cli, options, runs)
      if (!options.json && !isAway) tellIdle(cli, runs, await client.status(), command('why', 'RUN'))
      return code
    })
  },
})

/**
 * A run that has not ended is listed as running even if no process
 * works on it. On Restate, the server knows which node works.
 */
function tellIdle({ terminal }: Cli, runs: readonly RunSummary[], { active, restate }: RuntimeStatus, why: string) {
  // a process that works on a run also works on its child runs
  const isIdle = ({ id, status }: RunSummary) =>
    status === 'running' && !active.some((work) => `${id}.`.startsWith(`${work.id}.`))
  const idle = runs.filter(isIdle).length
  if (idle === 0 || restate) return
  const marked = idle === 1 ? '1 run is' : `${idle} runs are`
  terminal.say(
    `${marked} marked as running, but no process is working on ${idle === 1 ? 'it' : 'them'}. To see why: ${why}`,
  )
}

function show({ terminal }: Cli, { json, limit, status }: Options, runs: readonly RunSummary[]): number {
  const none =
    status === undefined
      ? 'There are no runs here yet. Start one with: antiphon run FILE'
      : `There are no ${status} runs here. To see all runs: antiphon runs`
  return showList(terminal, runs, { json, limit, none, print: () => printRuns(terminal, runs) })
}

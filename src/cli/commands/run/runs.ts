import type { RunSummary } from '../../../run/room/documents.ts'
import type { RuntimeStatus } from '../../../runtime/ports/maintenance.ts'
import { limitOption, listCommand } from '../../client-command.ts'
import { formatDuration, localTime, oneLine } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const STATUSES = ['running', 'waiting', 'completed', 'failed', 'cancelled']

export const runsCommand = listCommand({
  name: 'runs',
  about: 'List runs, the newest first.',
  options: [
    ['--json', 'print them as JSON'],
    ['--status <status>', 'only runs with this status', { choices: STATUSES }],
    limitOption('runs', 20),
  ],
  examples: ['runs', 'runs --status failed', 'runs --json'],
  ask: ({ runs }, query) => runs.list(query),
  none: ({ status }) =>
    status === undefined
      ? 'There are no runs here yet. Start one with: antiphon run FILE'
      : `There are no ${status} runs here. To see all runs: antiphon runs`,
  head: ['RUN', 'STATUS', 'STARTED', 'TOOK', 'PIPELINE'],
  row: (run) => [
    run.id,
    `${run.status}${run.degraded ? ', degraded' : ''}${run.waitsFor ? ` for ${run.waitsFor}` : ''}`,
    run.startsAt === undefined ? localTime(run.startedAt) : `at ${localTime(run.startsAt)}`,
    run.finishedAt === undefined ? '-' : formatDuration(run.finishedAt - run.startedAt),
    oneLine(run.name, 60),
  ],
  isFailed: ([, status]) => status!.startsWith('failed'),
  async after(runs, terminal, { client, isAway, command }) {
    if (!isAway) tellIdle(terminal, runs, await client.status(), command('why', 'RUN'))
  },
})

/** A run that has not ended is listed as running even if no process works on it. Restate knows which node does. */
function tellIdle(terminal: Terminal, runs: readonly RunSummary[], { active, restate }: RuntimeStatus, why: string) {
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

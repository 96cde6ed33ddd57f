import type { GoalSummary } from '../../../agent/room/goals/port.ts'
import { parseLimit } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { command } from '../../command.ts'
import { withReader } from '../../connect/reader.ts'
import { type ConnectionTarget, targetOf } from '../../connect/target.ts'
import { showList } from '../../render/print.ts'
import { printTable } from '../../render/table.ts'
import { formatCost, formatDuration, localTime } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

type Options = ConnectionTarget & { readonly json?: boolean; readonly limit: number; readonly status?: string }

const STATUSES = ['running', 'waiting', 'paused', 'completed', 'failed', 'cancelled']

/** `agent list`: the goals of this data folder. */
export const agentListCommand = command({
  name: 'list',
  about: 'List goals, the newest first.',
  options: [
    ['--json', 'print them as JSON'],
    ['--status <status>', 'only goals with this status', { choices: STATUSES }],
    ['--limit <number>', 'maximum number of goals, up to 1000', { parse: parseLimit, default: 20 }],
  ],
  at: 'server',
  examples: ['agent list', 'agent list --status waiting'],
  run(cli, options) {
    const { status, limit } = options
    const where = { command: 'antiphon agent list', ...targetOf(options) }
    return withReader(cli, { ...where, empty: () => show(cli, options, []) }, async ({ client }) =>
      show(cli, options, await client.goals.list({ limit, ...(status !== undefined && { status }) })),
    )
  },
})

function show({ terminal }: Cli, { json, limit, status }: Options, goals: readonly GoalSummary[]): number {
  const none =
    status === undefined
      ? 'There are no goals here yet. Start one with: antiphon agent run AGENT "GOAL"'
      : `There are no ${status} goals here. To see all goals: antiphon agent list`
  return showList(terminal, goals, { json, limit, none, print: () => printGoals(terminal, goals) })
}

function printGoals(terminal: Terminal, goals: readonly GoalSummary[]): void {
  const rows = goals.map(({ id, agent, status, rounds, cost, startedAt, startsAt, since }) => [
    ...[id, agent, status, String(rounds), formatCost(cost)],
    startsAt === undefined ? localTime(startedAt) : `at ${localTime(startsAt)}`,
    since === undefined ? '' : formatDuration(Math.max(0, Date.now() - since)),
  ])
  const head = ['GOAL', 'AGENT', 'STATUS', 'ROUNDS', 'COST', 'STARTED', 'WAITS FOR']
  printTable(terminal, head, rows, ([, , status]) => status === 'failed')
}

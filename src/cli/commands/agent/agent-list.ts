import { limitOption } from '../../arguments/options.ts'
import { listCommand } from '../../client-command.ts'
import { formatCost, formatDuration, localTime } from '../../terminal/format.ts'

const STATUSES = ['running', 'waiting', 'paused', 'completed', 'failed', 'cancelled']

export const agentListCommand = listCommand({
  about: 'List goals, the newest first.',
  options: [
    ['--json', 'print them as JSON'],
    ['--status <status>', 'only goals with this status', { choices: STATUSES }],
    limitOption('goals', 20),
  ],
  examples: ['agent list', 'agent list --status waiting'],
  ask: ({ goals }, query) => goals.list(query),
  none: ({ status }) =>
    status === undefined
      ? 'There are no goals here yet. Start one with: antiphon agent run AGENT "GOAL"'
      : `There are no ${status} goals here. To see all goals: antiphon agent list`,
  head: ['GOAL', 'AGENT', 'STATUS', 'ROUNDS', 'COST', 'STARTED', 'WAITS FOR'],
  row: ({ id, agent, status, rounds, cost, startedAt, startsAt, since }) => [
    ...[id, agent, status, String(rounds), formatCost(cost)],
    startsAt === undefined ? localTime(startedAt) : `at ${localTime(startsAt)}`,
    since === undefined ? '' : formatDuration(Math.max(0, Date.now() - since)),
  ],
  isFailed: ([, , status]) => status === 'failed',
})

import { command } from '../../cli.ts'
import { limitOption, listCommand } from '../../client-command.ts'
import { formatCost, formatDuration, localTime } from '../../terminal/format.ts'
import { agentCheckCommand } from './agent-check.ts'
import { agentDefinitionsCommand } from './agent-definitions.ts'
import { agentForkCommand } from './agent-fork.ts'
import { agentNewCommand } from './agent-new.ts'
import { agentResultsCommand } from './agent-results.ts'
import { agentRunCommand } from './agent-run.ts'
import { agentShowCommand } from './agent-show.ts'
import {
  agentCancelCommand,
  agentPauseCommand,
  agentRateCommand,
  agentResumeCommand,
  agentTellCommand,
} from './agent-steer.ts'
import { agentTestCommand } from './agent-test.ts'

const STATUSES = ['running', 'waiting', 'paused', 'completed', 'failed', 'cancelled']

const agentListCommand = listCommand({
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

export const agentCommand = command({
  name: 'agent',
  about: 'Create agents, give them goals, and steer those goals.',
  commands: [
    agentNewCommand,
    agentCheckCommand,
    agentTestCommand,
    agentResultsCommand,
    agentRunCommand,
    agentListCommand,
    agentShowCommand,
    agentTellCommand,
    agentPauseCommand,
    agentResumeCommand,
    agentForkCommand,
    agentCancelCommand,
    agentRateCommand,
    agentDefinitionsCommand,
  ],
})

import { Command } from 'commander'
import type { Cli } from '../../cli.ts'
import { withServerOptions } from '../../connect/target.ts'
import { agentCheckCommand } from './agent-check.ts'
import { agentForkCommand } from './agent-fork.ts'
import { agentListCommand } from './agent-list.ts'
import { agentNewCommand } from './agent-new.ts'
import { agentPlaybooksCommand } from './agent-playbooks.ts'
import { agentRunCommand } from './agent-run.ts'
import { agentShowCommand } from './agent-show.ts'
import {
  agentCancelCommand,
  agentPauseCommand,
  agentRateCommand,
  agentResumeCommand,
  agentTellCommand,
} from './agent-steer.ts'

/** `agent …`: writes and checks agents, gives goals to them, and steers these. */
export function agentCommand(cli: Cli): Command {
  const command = new Command('agent').description('Create agents, give them goals, and steer those goals.')
  for (const make of LOCAL) command.addCommand(make(cli))
  for (const make of OF_GOALS) command.addCommand(withServerOptions(make(cli)))
  command.addCommand(agentPlaybooksCommand(cli))
  return command
}

/** Commands for files, which work only on this machine. */
const LOCAL: readonly ((cli: Cli) => Command)[] = [agentNewCommand, agentCheckCommand]

const OF_GOALS: readonly ((cli: Cli) => Command)[] = [
  agentRunCommand,
  agentListCommand,
  agentShowCommand,
  agentTellCommand,
  agentPauseCommand,
  agentResumeCommand,
  agentForkCommand,
  agentCancelCommand,
  agentRateCommand,
]

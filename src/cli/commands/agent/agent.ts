import { Command } from 'commander'
import type { Cli } from '../../cli.ts'
import { agentListCommand } from './agent-list.ts'
import { agentRunCommand } from './agent-run.ts'
import { agentShowCommand } from './agent-show.ts'
import {
  agentCancelCommand,
  agentPauseCommand,
  agentRateCommand,
  agentResumeCommand,
  agentTellCommand,
} from './agent-steer.ts'

/** `agent …`: gives goals to agents, and steers them. */
export function agentCommand(cli: Cli): Command {
  const command = new Command('agent').description('Give goals to agents, follow them and steer them.')
  for (const make of SUBCOMMANDS) command.addCommand(make(cli))
  return command
}

const SUBCOMMANDS: readonly ((cli: Cli) => Command)[] = [
  agentRunCommand,
  agentListCommand,
  agentShowCommand,
  agentTellCommand,
  agentPauseCommand,
  agentResumeCommand,
  agentCancelCommand,
  agentRateCommand,
]

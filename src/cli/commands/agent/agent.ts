import { command } from '../../command.ts'
import { agentCheckCommand } from './agent-check.ts'
import { agentDefinitionsCommand } from './agent-definitions.ts'
import { agentForkCommand } from './agent-fork.ts'
import { agentListCommand } from './agent-list.ts'
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

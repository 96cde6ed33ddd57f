import { join, relative } from 'node:path'
import { Command } from 'commander'
import { isAgentName } from '../../../agent/definition/agent-name.ts'
import { InvalidError } from '../../../errors.ts'
import { exampleText } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { writeOnce } from '../author/write-once.ts'

/** `agent new NAME`: writes a file with an agent that works as it is written. */
export function agentNewCommand(cli: Cli): Command {
  return new Command('new')
    .description('Create an agent. Writes agents/NAME.md, which works as it is written.')
    .argument('<name>', 'name of the agent: lower-case letters, digits and dashes')
    .addHelpText('after', exampleText('agent new clerk'))
    .action(async (name: string) => cli.exit(await writeNew(cli, name)))
}

async function writeNew({ terminal, engine }: Cli, name: string): Promise<number> {
  if (!isAgentName(name))
    throw new InvalidError(`Expected the name of an agent, got ${name}.`, {
      hint: 'Use lower-case letters, digits and dashes, as in code-reviewer.',
    })
  const { loadConfig } = await import('../../../config/config.ts')
  const { folder } = await loadConfig({ folder: terminal.folder, environment: terminal.environment, engine: engine() })
  const file = join(folder, 'agents', `${name}.md`)
  await writeOnce(file, textOf(name))
  const shown = relative(terminal.folder, file)
  terminal.out(shown)
  terminal.say(
    `Say in it what the agent does. To check it and to give it a goal:\n  antiphon agent check ${shown}\n  antiphon agent run ${name} "List the files here and say what each is for."`,
  )
  return 0
}

const textOf = (name: string) => `---
name: ${name}
description: Answers questions about the files of this project
# calls that may do harm wait for a person
tools: Read, Grep, Glob
# rounds and dollars of one goal
maxTurns: 25
budget: 1
---
You answer questions about the files of this project.

Look for the facts in the files before you answer. Name the file and the line of each fact. Say what you did not find.
`

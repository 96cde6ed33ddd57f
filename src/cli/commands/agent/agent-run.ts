import { Command } from 'commander'
import { parseGoalId } from '../../arguments/ids.ts'
import { budgetOption, DATA_OPTION, eventsOption, exampleText, newId, parseInput } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { type ConnectionTarget, targetOf } from '../../connect/target.ts'
import { printJson } from '../../render/print.ts'
import { withBackground } from '../run/background.ts'
import { followGoal } from './follow-goal.ts'

type Options = ConnectionTarget & {
  readonly input?: { readonly [name: string]: string }
  readonly json?: boolean
  readonly events?: boolean
  readonly detach?: boolean
  readonly budget?: number
  /** false: --no-playbook */
  readonly playbook: boolean
  readonly id?: string
}

/** `agent run NAME GOAL`: gives a goal to an agent and follows it. */
export function agentRunCommand(cli: Cli): Command {
  return new Command('run')
    .description('Give a goal to an agent and print its answer. Progress goes to stderr, the answer goes to stdout.')
    .argument('<agent>', 'name of the agent, or the path of its file')
    .argument('<goal>', 'the goal, in words')
    .option('-i, --input <key=value>', 'add a value to the goal; can be repeated', parseInput)
    .addOption(budgetOption('goal'))
    .option('--id <id>', 'id of the goal; running again with the same id does not start a second goal', parseGoalId)
    .option('--no-playbook', 'ask the model, and follow no playbook')
    .option('--detach', 'work in the background and print the id of the goal')
    .option('--json', 'print the goal as JSON: rounds, calls and answer')
    .addOption(eventsOption())
    .option(...DATA_OPTION)
    .addHelpText(
      'after',
      exampleText(
        'agent run clerk "Summarise notes.md"',
        'agent run clerk "File the letter" -i letter=inbox/a.txt --budget 0.20',
      ),
    )
    .action(async (agent: string, goal: string, options: Options) => cli.exit(await runGoal(cli, agent, goal, options)))
}

async function runGoal(cli: Cli, agent: string, goal: string, options: Options): Promise<number> {
  const { json = false, events = false, detach = false } = options
  const session = { command: `antiphon agent run ${agent}`, creates: true, ...targetOf(options) }
  const start = ({ client, isAway }: Session) =>
    client.goals.start({ agent, goal: withInputs(goal, options.input), ...requestOf(cli, options, isAway) })
  if (detach)
    return withBackground(cli, session, async (opened) => {
      const { id } = await start(opened)
      if (json) printJson(cli.terminal, { id })
      else cli.terminal.out(id)
      cli.terminal.say(
        `The goal is worked on ${opened.where}. To follow it:\n  ${opened.command('agent', 'resume', id)}`,
      )
      return 0
    })
  return withRuntime(cli, session, async (opened) =>
    followGoal(cli, opened, (await start(opened)).id, { json, events }),
  )
}

function requestOf({ terminal }: Cli, { id, budget, detach, playbook }: Options, isAway: boolean) {
  // when the connection is lost and the request repeated, the goal starts once
  const given = id ?? (isAway ? newId('goal') : undefined)
  return {
    ...(given !== undefined && { id: given }),
    ...(budget !== undefined && { budget }),
    ...(!playbook && { playbook }),
    ...(!detach && terminal.read !== undefined && { interactive: true }),
  }
}

/** The goal with the given values, a line each. */
function withInputs(goal: string, inputs: Options['input'] = {}): string {
  const lines = Object.entries(inputs).map(([name, value]) => `${name}: ${value}`)
  return lines.length === 0 ? goal : `${goal}\n\n${lines.join('\n')}`
}

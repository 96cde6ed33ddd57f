import { present } from '../../../lib/json/present.ts'
import { parseGoalId } from '../../arguments/ids.ts'
import { budgetOption, EVENTS_OPTION, newId, parseInput, priorityOption } from '../../arguments/options.ts'
import { FILE_OPTION, uploadFiles } from '../../arguments/uploads.ts'
import { WHEN_OPTIONS, whenOf } from '../../arguments/when.ts'
import { type Cli, type ConnectionTarget, command, type OptionRecord, type OptionsOf, targetOf } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { withBackground } from '../run/background.ts'
import { followGoal, joinedText, openingOf } from './follow-goal.ts'

const OPTIONS = [
  ['-i, --input <key=value>', 'add a value to the goal; can be repeated', { parse: parseInput }],
  FILE_OPTION,
  budgetOption('goal'),
  priorityOption('as the agent says'),
  ['--id <id>', 'id of the goal; running again with the same id does not start a second goal', { parse: parseGoalId }],
  ['--no-playbook', 'ask the model, and follow no playbook'],
  ...WHEN_OPTIONS,
  ['--detach', 'work in the background and print the id of the goal'],
  ['--json', 'print the goal as JSON: rounds, calls and answer'],
  EVENTS_OPTION,
] as const satisfies readonly OptionRecord[]
type Options = ConnectionTarget & OptionsOf<typeof OPTIONS>

export const agentRunCommand = command({
  name: 'run',
  about: 'Give a goal to an agent and print its answer. Progress goes to stderr, the answer goes to stdout.',
  args: [
    ['<agent>', 'name of the agent, or the path of its file'],
    ['<goal>', 'the goal, in words'],
  ],
  options: OPTIONS,
  at: 'server',
  examples: [
    'agent run clerk "Summarise notes.md"',
    'agent run clerk "What is broken?" --file photo.jpg',
    'agent run clerk "File the letter" -i letter=inbox/a.txt --budget 0.20',
    'agent run clerk "Call customer 7" --queue customer-7 --delay 1h --detach',
  ],
  async run(cli, agent, goal, options) {
    const { json = false, events = false, detach = false } = options
    const session = { command: `antiphon agent run ${agent}`, creates: true, ...targetOf(options) }
    const start = async ({ client, isAway }: Session) => {
      const files = await uploadFiles(client, options.file, cli.terminal.folder)
      const given = { agent, goal: withInputs(goal, options.input), ...(files.length > 0 && { files }) }
      const { id, joined } = await client.goals.start({ ...given, ...requestOf(cli, options, isAway) })
      if (joined) cli.terminal.say(joinedText(id))
      return id
    }
    if (detach)
      return withBackground(cli, session, async (opened) => {
        const id = await start(opened)
        if (json) cli.terminal.json({ id })
        else cli.terminal.out(id)
        cli.terminal.say(
          `The goal is worked on ${opened.where}. To follow it:\n  ${opened.command('agent', 'resume', id)}`,
        )
        return 0
      })
    const opening = openingOf(whenOf(options))
    return withRuntime(cli, session, async (opened) =>
      followGoal(cli, opened, await start(opened), { json, events, opening }),
    )
  },
})

function requestOf({ terminal }: Cli, options: Options, isAway: boolean) {
  const { id, budget, detach, playbook, priority } = options
  // when the connection is lost and the request repeated, the goal starts once
  const given = id ?? (isAway ? newId('goal') : undefined)
  return {
    ...present({ id: given, budget, priority }),
    ...(!playbook && { playbook }),
    ...whenOf(options),
    ...(!detach && terminal.read !== undefined && { interactive: true }),
  }
}

/** The goal with the given values, a line each. */
function withInputs(goal: string, inputs: Options['input'] = {}): string {
  const lines = Object.entries(inputs).map(([name, value]) => `${name}: ${value}`)
  return lines.length === 0 ? goal : `${goal}\n\n${lines.join('\n')}`
}

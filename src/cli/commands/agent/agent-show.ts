import { Command, Option } from 'commander'
import { asText } from '../../../kernel/json.ts'
import type { CallDocument, GoalDocument, RoundDocument } from '../../../runtime/ports/goals.ts'
import { GOAL_ARGUMENT, resolveGoalId } from '../../arguments/ids.ts'
import { DATA_OPTION, exampleText, parseLifetime } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { withReader } from '../../connect/reader.ts'
import { type ConnectionTarget, targetOf } from '../../connect/target.ts'
import { printJson } from '../../render/print.ts'
import { oneLine } from '../../render/text.ts'
import { formatCost, localTime } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

type Options = ConnectionTarget & {
  readonly json?: boolean
  readonly tool?: string
  readonly outcome?: string
  readonly since?: number
}

const OUTCOMES = ['succeeded', 'failed', 'rejected', 'refused', 'unknown', 'cancelled']

/** `agent show GOAL`: a goal with its rounds and calls. */
export function agentShowCommand(cli: Cli): Command {
  return new Command('show')
    .description('Show a goal with its rounds and calls.')
    .argument('<goal>', GOAL_ARGUMENT)
    .option('--tool <name>', 'only calls of this tool')
    .addOption(new Option('--outcome <outcome>', 'only calls with this outcome').choices(OUTCOMES))
    .option('--since <time>', 'only rounds of the last 30m, 12h or 7d', parseLifetime)
    .option('--json', 'print the goal as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('agent show goal_3xJd0vQ', 'agent show goal_3xJd0vQ --outcome failed'))
    .action(async (goal: string, options: Options) => cli.exit(await show(cli, goal, options)))
}

function show(cli: Cli, given: string, options: Options): Promise<number> {
  return withReader(
    cli,
    { command: `antiphon agent show ${given}`, ...targetOf(options) },
    async ({ client, command }) => {
      const goal = filtered(await client.goals.get(await resolveGoalId(client, given)), options)
      if (options.json) printJson(cli.terminal, goal)
      else print(cli.terminal, goal, command('inbox'))
      return 0
    },
  )
}

function filtered(goal: GoalDocument, { tool, outcome, since }: Options): GoalDocument {
  if (tool === undefined && outcome === undefined && since === undefined) return goal
  const from = since === undefined ? 0 : Date.now() - since
  const isWanted = (call: CallDocument) =>
    (tool === undefined || call.tool === tool || call.tool.startsWith(`${tool}:`)) &&
    (outcome === undefined || call.outcome === outcome)
  const rounds = goal.rounds
    // a goal of an earlier version has no times of its rounds
    .filter(({ at }) => (at ?? goal.finishedAt ?? Number.POSITIVE_INFINITY) >= from)
    .map((round) => ({ ...round, calls: round.calls.filter(isWanted) }))
  return { ...goal, rounds: rounds.filter(({ calls }) => calls.length > 0) }
}

/** `inbox` is the command that lists what waits for a person. */
function print(terminal: Terminal, goal: GoalDocument, inbox: string): void {
  const {
    id,
    agent,
    status,
    startedAt,
    tokens,
    cost,
    estimated,
    playbook,
    rounds,
    wait,
    handedTo,
    answer,
    problem,
    rating,
    undo,
    lesson,
  } = goal
  const spent = `${tokens} tokens  ${formatCost(cost)}${estimated ? ' (estimated)' : ''}`
  terminal.out(`${id} of ${agent}  ${status}  ${localTime(startedAt)}  ${spent}`)
  terminal.out(`  ${oneLine(goal.goal, 300)}`)
  if (playbook) terminal.out(`${playbook.note}  ${playbook.run}`)
  for (const round of rounds) printRound(terminal, round)
  if (handedTo) terminal.out(`handed to ${handedTo.agent}  ${handedTo.goal}`)
  if (wait) terminal.out(`The goal waits. ${wait.title}`)
  if (status === 'waiting' && wait?.type !== 'health' && wait?.type !== 'provider')
    terminal.out(`It waits for you: ${inbox}`)
  if (problem) terminal.out(`${problem.code}: ${problem.message}`)
  if (problem?.hint !== undefined) terminal.out(`  ${problem.hint}`)
  if (undo) terminal.out(`Undone: ${undo.undone} of ${undo.undone + undo.failed} calls.`)
  if (rating) terminal.out(`Rated ${rating}.`)
  if (lesson?.status === 'learned')
    terminal.out(`Learned the playbook ${lesson.playbook}.${lesson.proposed ? ` It waits for you: ${inbox}` : ''}`)
  if (lesson?.status === 'none') terminal.out(`Learned no playbook: ${lesson.reason}.`)
  if (answer !== undefined) terminal.out(`Answer: ${answer}`)
}

function printRound(terminal: Terminal, { round, told = [], text, run, calls }: RoundDocument): void {
  terminal.out(`round ${round}${run === undefined ? '' : `  ${run}`}`)
  for (const one of told) terminal.out(`  > ${oneLine(one, 160)}`)
  if (calls.length > 0 && text !== '') terminal.out(`  ${oneLine(text, 160)}`)
  for (const { tool, parameters, outcome = 'under way', result, undone, undoError } of calls) {
    const mark = undone ? ', undone' : ''
    terminal.out(`  ${tool}  ${outcome}${mark}  ${oneLine(JSON.stringify(parameters), 120)}`)
    if (result !== undefined) terminal.out(`  | ${oneLine(asText(result), 160)}`)
    if (undoError !== undefined) terminal.out(`  | not undone: ${oneLine(undoError, 160)}`)
  }
}

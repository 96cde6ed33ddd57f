import { endsByItself } from '../../../agent/protocol/stored-goal.ts'
import type { CallDocument, GoalDocument, RequestDocument, RoundDocument } from '../../../agent/room/goals/port.ts'
import { asText } from '../../../kernel/json.ts'
import { replyIn } from '../../../model/reply/failed-reply.ts'
import { isToolNamed } from '../../../tool/tool.ts'
import { GOAL_ARGUMENT, resolveGoalId } from '../../arguments/ids.ts'
import { parseLifetime, parseRound } from '../../arguments/options.ts'
import { type ConnectionTarget, command, type OptionRecord, type OptionsOf, targetOf } from '../../cli.ts'
import { withReader } from '../../connect/session.ts'
import { lackNote, madeNote, waitNote } from '../../progress/goal-progress.ts'
import type { Tell } from '../../render/answer-command.ts'
import { saidLine } from '../../render/said.ts'
import { escapeControls } from '../../terminal/escape.ts'
import { cachedText, fileLine, formatCost, localTime, oneLine } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

/** Notes about tools that are printed; `--json` has all. */
const MAX_NOTES = 5

const OUTCOMES = ['succeeded', 'made', 'failed', 'rejected', 'refused', 'unknown', 'cancelled', 'pending']

const OPTIONS = [
  ['--tool <name>', 'only calls of this tool'],
  ['--outcome <outcome>', 'only calls with this outcome', { choices: OUTCOMES }],
  ['--since <time>', 'only rounds of the last 30m, 12h or 7d', { parse: parseLifetime }],
  ['--request <round>', 'show instead what the model got in this round', { parse: parseRound }],
  ['--json', 'print the goal, or the request, as JSON'],
] as const satisfies readonly OptionRecord[]
type Options = ConnectionTarget & OptionsOf<typeof OPTIONS>

export const agentShowCommand = command({
  name: 'show',
  about: 'Show a goal with its rounds, calls and requests.',
  args: [['<goal>', GOAL_ARGUMENT]],
  options: OPTIONS,
  at: 'server',
  examples: [
    'agent show goal_3xJd0vQ',
    'agent show goal_3xJd0vQ --outcome failed',
    'agent show goal_3xJd0vQ --request 2',
  ],
  run(cli, given, options) {
    return withReader(
      cli,
      { command: `antiphon agent show ${given}`, ...targetOf(options) },
      async ({ client, command }) => {
        const id = await resolveGoalId(client, given)
        if (options.request !== undefined) {
          const request = await client.goals.round(id, options.request)
          if (options.json) cli.terminal.json(request)
          else printRequest(cli.terminal, request)
          return 0
        }
        const goal = filtered(await client.goals.get(id), options)
        if (options.json) cli.terminal.json(goal)
        else print(cli.terminal, goal, command)
        return 0
      },
    )
  },
})

function filtered(goal: GoalDocument, { tool, outcome, since }: Options): GoalDocument {
  if (tool === undefined && outcome === undefined && since === undefined) return goal
  const from = since === undefined ? 0 : Date.now() - since
  const isWanted = (call: CallDocument) =>
    (tool === undefined || isToolNamed(call.tool, tool)) && (outcome === undefined || call.outcome === outcome)
  const rounds = goal.rounds
    .filter(({ at = from }) => at >= from)
    .map((round) => ({ ...round, calls: round.calls.filter(isWanted) }))
  return { ...goal, rounds: rounds.filter(({ calls }) => calls.length > 0) }
}

function print(terminal: Terminal, goal: GoalDocument, command: Tell): void {
  const {
    id,
    agent,
    status,
    toolNotes = [],
    startedAt,
    tokens,
    cacheRead = 0,
    cacheWrite = 0,
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
    lacks = [],
    changed,
  } = goal
  const inbox = command('inbox')
  const spent = `${tokens} tokens${cachedText({ cacheRead, cacheWrite })}  ${formatCost(cost)}${estimated ? ' (estimated)' : ''}`
  terminal.out(`${id} of ${agent}  ${status}  ${localTime(startedAt)}  ${spent}`)
  terminal.out(`  ${oneLine(goal.goal, 300)}`)
  for (const file of goal.files ?? []) terminal.out(`  ${fileLine(file)}`)
  if (goal.context !== undefined) terminal.out(`  context: ${oneLine(asText(goal.context), 300)}`)
  for (const note of toolNotes.slice(0, MAX_NOTES)) terminal.out(`  tools: ${oneLine(note, 300)}`)
  if (toolNotes.length > MAX_NOTES)
    terminal.out(`  tools: ${toolNotes.length - MAX_NOTES} more, see: antiphon agent check ${agent}`)
  if (changed)
    terminal.out(`  code: new since it began, its instructions are those of the beginning: ${changed.join('; ')}`)
  if (playbook) terminal.out(`${playbook.note}  ${playbook.run}`)
  for (const round of rounds) printRound(terminal, round, command)
  if (handedTo) terminal.out(`handed to ${handedTo.agent}  ${handedTo.goal}`)
  if (wait) terminal.out(waitNote(wait.type, wait.title))
  const reply = wait?.reply ?? (problem && replyIn(problem))
  if (wait?.behind?.length && wait.until === undefined)
    terminal.out(`It is number ${wait.place ?? 1}, behind ${wait.behind.join(', ')}.`)
  if (status === 'waiting' && !endsByItself(wait)) terminal.out(`It waits for you: ${inbox}`)
  if (problem) terminal.out(`${problem.code}: ${problem.message}`)
  if (problem?.hint !== undefined) terminal.out(`  ${problem.hint}`)
  if (reply !== undefined)
    for (const line of ['The reply of the model:', ...reply.split('\n')]) terminal.out(`  ${line}`)
  if (undo) terminal.out(`Undone: ${undo.undone} of ${undo.undone + undo.failed} calls.`)
  if (rating) terminal.out(`Rated ${rating}.`)
  for (const lack of lacks) terminal.out(lackNote(lack))
  for (const file of goal.answerFiles ?? []) terminal.out(madeNote(file))
  if (answer !== undefined) terminal.out(`Answer: ${answer}`)
}

function printRound(
  terminal: Terminal,
  {
    round,
    told: notes = [],
    files = [],
    reduced = [],
    again = [],
    text,
    answerFiles = [],
    run,
    calls,
    model,
    tokens,
    cost,
  }: RoundDocument,
  command: Tell,
): void {
  const took =
    tokens === undefined ? '' : `  ${[model, `${tokens} tokens`, formatCost(cost ?? 0)].filter(Boolean).join(', ')}`
  terminal.out(`round ${round}${run === undefined ? '' : `  ${run}`}${took}`)
  for (const one of notes) terminal.out(`  > ${oneLine(one, 160)}`)
  for (const file of files) terminal.out(`  > ${fileLine(file)}`)
  for (const { message } of again) terminal.out(`  a model was asked again: ${oneLine(message, 160)}`)
  for (const { name, why } of reduced)
    terminal.out(`  the model did not get ${oneLine(name, 80)}: ${oneLine(why, 160)}`)
  if (calls.length > 0 && text !== '') terminal.out(`  ${oneLine(text, 160)}`)
  for (const file of answerFiles) terminal.out(`  | ${fileLine(file)}`)
  for (const call of calls) {
    const { tool, parameters, asked, step, outcome = 'under way', result, late, truncated, undone, undoError } = call
    const mark = undone ? ', undone' : ''
    terminal.out(`  ${tool}  ${outcome}${mark}  ${oneLine(JSON.stringify(parameters), 120)}`)
    for (const one of call.said ?? []) terminal.out(`  | ${saidLine(one)}`)
    if (asked) terminal.out(`  | a person changed it from ${oneLine(JSON.stringify(asked), 120)}`)
    if (result !== undefined) terminal.out(`  | ${oneLine(asText(result), 160)}`)
    for (const file of call.files ?? []) terminal.out(`  | ${fileLine(file)}`)
    if (late) terminal.out(`  | later ${late.outcome}: ${oneLine(asText(late.result), 160)}`)
    if (truncated)
      terminal.out(`  | ${cutNote(call)}${run && step ? `; all of it: ${command('show', run, step)}` : ''}`)
    if (undoError !== undefined) terminal.out(`  | not undone: ${oneLine(undoError, 160)}`)
  }
}

/** Prints the request of a round: how far it is the same, the offered tools, and the messages in their order. */
function printRequest(terminal: Terminal, request: RequestDocument): void {
  const { goal, round, model, changed, cut, leftOut, tools, messages } = request
  terminal.out(`${goal}  round ${round}${model === undefined ? '' : `  ${model}`}`)
  terminal.out(changed.length === 0 ? 'As the model got it.' : 'Made again from the records of the goal.')
  for (const line of changed) terminal.out(`  ${line}`)
  if (cut) terminal.out('Long texts are cut, so that all of them have 256 KiB.')
  if (leftOut !== undefined) terminal.out(`${leftOut} messages after the first ones are left out.`)
  terminal.out(tools.length === 0 ? 'No tools.' : `Tools: ${tools.join(', ')}`)
  for (const { role, text, characters, files = [] } of messages) {
    terminal.out(`--- ${role}${characters === undefined ? '' : ` (the beginning of ${characters} characters)`}`)
    for (const line of text.split('\n')) terminal.out(escapeControls(line))
    for (const file of files) terminal.out(`  > ${fileLine(file)}`)
  }
}

function cutNote({ result = '', tail, characters }: CallDocument): string {
  const parts = tail === undefined ? 'a part' : `the first ${asText(result).length} and the last ${tail.length}`
  return `cut: the goal has ${parts} of ${characters} characters`
}

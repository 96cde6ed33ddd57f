import type { GoalDocument } from '../../../runtime/ports/goals.ts'
import type { Cli } from '../../cli.ts'
import type { Session } from '../../connect/session.ts'
import { jsonText, printJson } from '../../render/print.ts'
import { oneLine } from '../../render/text.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { createPrompter, type Prompter } from '../run/prompts.ts'

/** The output for a goal: its answer, the document, or each durable event as a line of JSON. `resumed`: it had begun before. */
export type GoalOutput = { readonly json?: boolean; readonly events?: boolean; readonly resumed?: boolean }

/** Shows a goal on stderr until it ends or waits, prints its answer, and returns the exit code. */
export async function followGoal(cli: Cli, session: Session, id: string, output: GoalOutput): Promise<number> {
  const { client, signal } = session
  const { terminal } = cli
  session.goOnWith(session.command('agent', 'resume', id))
  await watch(terminal, session, id, output)
  if (signal.aborted) return 130
  const goal = await client.goals.get(id)
  if (output.json) printJson(terminal, goal)
  else if (!output.events) printEnd(terminal, session, goal)
  return exitOf(goal)
}

/** Shows a goal until it has ended (true), or waits for somebody. */
async function watch(
  terminal: Terminal,
  session: Session,
  id: string,
  { events = false, resumed = false }: GoalOutput,
): Promise<boolean> {
  const { client, signal, command } = session
  const asker = createPrompter(terminal, client, NO_VIEW, signal)
  let isOver = false
  for await (const { n, body } of client.goals.events(id, { signal })) {
    if (signal.aborted) return false
    if (n !== undefined && events) terminal.out(jsonText({ n, ...(body as object) }))
    const event = body as GoalEventBody
    for (const line of linesOf(event, resumed)) terminal.say(line)
    isOver = event.type === 'goal-end'
    if (isOver) break
    // the goal below answers, and this one ends with it
    if (event.type === 'hand-off' && !(await watch(terminal, session, event.goal, { events }))) break
    const run = runOf(event, id)
    if (run !== undefined) {
      // a person at the terminal is asked here; otherwise the call waits in the inbox
      if (await watchRun(terminal, asker, { client, signal }, run)) continue
      terminal.say('A call waits for a person (exit code 1). To see it, and to go on once it has an answer:')
      terminal.say(`  ${command('inbox')}\n  ${command('agent', 'resume', id)}`)
      return false
    }
    if (STOPS.includes(event.type) && (await isAtRest(client, id))) break
  }
  await asker.close()
  return isOver
}

/** The run that an event of a goal began, if it began one. */
function runOf(event: GoalEventBody, goal: string): string | undefined {
  if (event.type === 'playbook') return event.run
  const acts = event.type === 'round' && event.calls.some(({ step }) => step !== undefined)
  return acts ? `${goal}.${event.round}` : undefined
}

const NO_VIEW = { hold() {}, release() {} }
const STOPS: readonly string[] = ['goal-wait', 'goal-pause']

async function isAtRest(client: Session['client'], id: string): Promise<boolean> {
  const { status } = await client.goals.get(id)
  return status === 'waiting' || status === 'paused'
}

/** Follows the run of a round; false: it waits for somebody who is not at this terminal. */
async function watchRun(
  terminal: Terminal,
  asker: Prompter,
  { client, signal }: Pick<Session, 'client' | 'signal'>,
  run: string,
): Promise<boolean> {
  let waits = false
  for await (const { body } of client.runs.events(run, { signal })) {
    const { type, run: below = run, step = '', goal, title } = body as RunEventBody
    if (type === 'run-end') return true
    if (type === 'step-end') asker.over(run, step)
    if (type === 'signal-wait') asker.look(below)
    if (type === 'goal-wait') terminal.say(`${goal} waits. ${title}`)
    waits ||= type === 'signal-wait'
    const mayStop = type === 'goal-wait' || (waits && !terminal.read)
    if (mayStop && (await client.runs.get(run)).status === 'waiting') return false
  }
  return true
}

type RunEventBody = {
  readonly type?: string
  readonly run?: string
  readonly step?: string
  readonly goal?: string
  readonly title?: string
}

type GoalEventBody =
  | { readonly type: 'goal-start'; readonly agent: string }
  | {
      readonly type: 'round'
      readonly round: number
      readonly text: string
      readonly calls: readonly { readonly tool: string; readonly step?: string }[]
    }
  | { readonly type: 'playbook'; readonly name: string; readonly run: string }
  | { readonly type: 'playbook-end'; readonly text: string }
  | { readonly type: 'round-end'; readonly results: readonly { readonly tool: string; readonly outcome: string }[] }
  | { readonly type: 'goal-wait'; readonly title: string }
  | { readonly type: 'hand-off'; readonly agent: string; readonly goal: string }
  | { readonly type: 'goal-pause' | 'goal-resume' }
  | { readonly type: 'goal-undo'; readonly run: string }
  | {
      readonly type: 'goal-end'
      readonly status: string
      readonly problem?: { readonly message: string; readonly hint?: string }
    }

function linesOf(event: GoalEventBody, resumed: boolean): readonly string[] {
  switch (event.type) {
    case 'goal-start':
      return [`${event.agent} ${resumed ? 'continues' : 'begins'}.`]
    case 'round':
      return [
        ...(event.text === '' || event.calls.length === 0 ? [] : [`  ${oneLine(event.text, 160)}`]),
        ...(event.calls.length === 0
          ? []
          : [`round ${event.round}: ${event.calls.map(({ tool }) => tool).join(', ')}`]),
      ]
    case 'round-end':
      return event.results
        .filter(({ outcome }) => outcome !== 'succeeded')
        .map(({ tool, outcome }) => `  ${tool} ${outcome}`)
    case 'playbook':
      return [`It follows the playbook \`${event.name}\` (run ${event.run}).`]
    case 'playbook-end':
      return [oneLine(event.text, 300)]
    case 'hand-off':
      return [`It hands the goal to ${event.agent}, ${event.goal}.`]
    case 'goal-wait':
      return [`The goal waits. ${event.title}`]
    case 'goal-pause':
      return ['The goal is paused.']
    case 'goal-resume':
      return ['The goal continues.']
    case 'goal-undo':
      return [`It undoes the calls of ${event.run}.`]
    case 'goal-end':
      return event.problem
        ? [
            `${event.status}: ${event.problem.message}`,
            ...(event.problem.hint === undefined ? [] : [event.problem.hint]),
          ]
        : []
  }
}

function printEnd(terminal: Terminal, { command }: Session, { id, status, answer, wait }: GoalDocument): void {
  if (answer !== undefined) terminal.out(answer)
  // a waiting call has said so itself
  if (wait !== undefined || status === 'paused')
    terminal.say(`The goal has not ended (exit code 1). To continue: ${command('agent', 'resume', id)}`)
}

const EXIT_CODES: { readonly [status: string]: number } = { completed: 0, cancelled: 130 }
const exitOf = ({ status }: GoalDocument) => EXIT_CODES[status] ?? 1

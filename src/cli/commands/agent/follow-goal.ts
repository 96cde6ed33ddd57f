import { endsByItself } from '../../../agent/protocol/stored-goal.ts'
import type { GoalDocument } from '../../../agent/room/goals/port.ts'
import type { WhenRequest } from '../../../run/later/terms.ts'
import type { Cli } from '../../cli.ts'
import type { Session } from '../../connect/session.ts'
import type { GoalEventBody, RunStepEvent } from '../../progress/goal-progress.ts'
import { raising } from '../../render/answer-command.ts'
import { type LiveView, viewGoal } from '../../render/live-view.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { createPrompter, type Prompter } from '../run/prompts.ts'

/**
 * The output for a goal: its answer, the document, or each durable
 * event as a line of JSON. `opening`: what its agent does now; it begins.
 */
type GoalOutput = { readonly json?: boolean; readonly events?: boolean; readonly opening?: string }

/** What an agent does with a new goal. One that may begin later has not begun, and one that was joined may have. */
export const openingOf = ({ delay, startAt, queue }: WhenRequest): string =>
  [delay, startAt, queue].every((one) => one === undefined) ? 'begins' : 'has the goal'

export const joinedText = (id: string): string =>
  `The key is busy: this command shows its open goal ${id}, and starts no new goal.`

/** Shows a goal on stderr until it ends or waits, prints its answer, and returns the exit code. */
export async function followGoal(cli: Cli, session: Session, id: string, output: GoalOutput): Promise<number> {
  const { client, signal } = session
  const { terminal } = cli
  session.goOnWith(session.command('agent', 'resume', id))
  const view = await viewGoal(terminal, client, { id, opening: output.opening ?? 'begins' })
  const close = () => view.close()
  signal.addEventListener('abort', close, { once: true })
  const end = await watchGoal({ terminal, session, view }, id, output.events ?? false).finally(close)
  if (signal.aborted) return 130
  if (typeof end === 'object') sayWhoAnswers(terminal, session, end.asks, ' (exit code 1)')
  const goal = await client.goals.get(id)
  if (output.json) terminal.json(goal)
  else if (!output.events) printEnd(terminal, session, goal)
  return EXIT_CODES[goal.status] ?? 1
}

/** Says that a call of a goal waits for a person, and the commands that answer. */
export function sayWhoAnswers(terminal: Terminal, { command }: Session, goal: string, exit = ''): void {
  terminal.say(`A call waits for a person${exit}. To see it, and to go on once it has an answer:`)
  terminal.say(`  ${command('inbox')}\n  ${command('agent', 'resume', goal)}`)
}

/** Says how a goal continues that has not ended, if it waits or is paused. */
export function sayOnward(
  terminal: Terminal,
  { command }: Session,
  { id, status, wait }: GoalDocument,
  exit = '',
): void {
  const onward = wait?.scope === undefined ? command('agent', 'resume', id) : raising(wait.scope, command)
  // a waiting call has said so itself
  if (wait !== undefined || status === 'paused') terminal.say(`The goal has not ended${exit}. To continue: ${onward}`)
}

type Watching = { readonly terminal: Terminal; readonly session: Session; readonly view: LiveView }

/** Why following a goal ended. `asks`: a call of that goal waits for a person elsewhere. */
type WatchEnd = 'over' | 'rests' | { readonly asks: string }

/** Shows a goal until it has ended, or waits for a person. */
export async function watchGoal(watching: Watching, id: string, events: boolean): Promise<WatchEnd> {
  const { terminal, session, view } = watching
  const { client, signal } = session
  const over = new AbortController()
  const asker = createPrompter(terminal, client, view, AbortSignal.any([signal, over.signal]))
  let end: WatchEnd = 'rests'
  for await (const { n, body } of client.goals.events(id, { signal })) {
    if (signal.aborted) return 'rests'
    if (n !== undefined && events) terminal.jsonLine({ n, ...(body as object) })
    const event = body as GoalEventBody
    view.take(body)
    if (event.type === 'goal-end') end = 'over'
    // the goal below answers, and this one ends with it
    else if (event.type === 'hand-off') end = await watchGoal(watching, event.goal, events)
    const stops = event.type === 'hand-off' ? end !== 'over' : end === 'over'
    if (stops) break
    end = 'rests'
    const run = runOf(event, id)
    // a person at the terminal is asked here; otherwise the call waits in the inbox
    if (run !== undefined && !(await watchRun(watching, asker, run))) return { asks: id }
    if (STOPS.includes(event.type) && (await isAtRest(client, id))) break
  }
  // nobody needs the answer to a question of a goal that has ended
  if (end === 'over') over.abort()
  await asker.close()
  return end
}

/** The run that an event of a goal began, if it began one. */
function runOf(event: GoalEventBody, goal: string): string | undefined {
  if (event.type === 'playbook') return event.run
  const acts = event.type === 'round' && event.calls.some(({ step }) => step !== undefined)
  return acts ? `${goal}.${event.round}` : undefined
}

const STOPS: readonly string[] = ['goal-wait', 'goal-pause']

async function isAtRest(client: Session['client'], id: string): Promise<boolean> {
  const goal = await client.goals.get(id)
  return goal.status === 'paused' || (goal.status === 'waiting' && !endsByItself(goal.wait))
}

/** Follows the run of a round; false: it waits for a person elsewhere. */
async function watchRun(
  { terminal, session: { client, signal }, view }: Watching,
  asker: Prompter,
  run: string,
): Promise<boolean> {
  let waits = false
  const end = new AbortController()
  const events = client.runs.events(run, { signal: AbortSignal.any([signal, end.signal]) })
  try {
    for await (const one of untilGone(events, asker.gone)) {
      const { type, run: below = run, step = '' } = (one === 'gone' ? {} : one.body) as Partial<RunStepEvent>
      if (one !== 'gone') view.take({ type: 'of-run', run, event: one.body })
      if (type === 'run-end') return true
      if (type === 'step-end') asker.over(run, step)
      if (type === 'signal-wait') asker.look(below)
      waits ||= type === 'signal-wait'
      const mayStop = type === 'goal-wait' || (waits && (!terminal.read || asker.gone.aborted))
      if (mayStop && (await client.runs.get(run)).status === 'waiting') return false
    }
  } finally {
    end.abort()
  }
  return true
}

/** The events, and `gone` once when the person at the terminal has gone. The events end by a signal of their own. */
async function* untilGone<T>(events: AsyncIterable<T>, gone: AbortSignal): AsyncGenerator<T | 'gone'> {
  const iterator = events[Symbol.asyncIterator]()
  const left = Promise.withResolvers<'gone'>()
  const leave = () => left.resolve('gone')
  if (gone.aborted) leave()
  gone.addEventListener('abort', leave, { once: true })
  let isTold = false
  try {
    for (let next = iterator.next(); ; ) {
      // nobody may be waiting for it
      next.catch(() => {})
      const got = await (isTold ? next : Promise.race([next, left.promise]))
      if (got === 'gone') {
        isTold = true
        yield got
        continue
      }
      if (got.done) return
      yield got.value
      next = iterator.next()
    }
  } finally {
    gone.removeEventListener('abort', leave)
  }
}

function printEnd(terminal: Terminal, session: Session, goal: GoalDocument): void {
  if (goal.output !== undefined) terminal.json(goal.output)
  else if (goal.answer !== undefined) terminal.out(goal.answer)
  sayOnward(terminal, session, goal, ' (exit code 1)')
}

const EXIT_CODES: { readonly [status: string]: number } = { completed: 0, cancelled: 130 }

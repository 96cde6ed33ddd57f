import { InvalidArgumentError } from 'commander'
import type { CodeReport, MoreLimits } from '../../../agent/room/goals/port.ts'
import { InvalidError } from '../../../errors.ts'
import { GOAL_ARGUMENT, resolveGoalId } from '../../arguments/ids.ts'
import { EVENTS_OPTION } from '../../arguments/options.ts'
import { type Cli, type ConnectionTarget, command, targetOf } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { formatCount } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { forkGoal } from './agent-fork.ts'
import { followGoal } from './follow-goal.ts'

export const agentTellCommand = command({
  name: 'tell',
  about: 'Tell the model something before its next round.',
  args: [
    ['<goal>', GOAL_ARGUMENT],
    ['<text>', 'at most 4000 characters'],
  ],
  at: 'server',
  examples: ['agent tell goal_3xJd0vQ "Leave the drafts as they are."'],
  run: (cli, goal, text, options) =>
    steer(cli, { verb: 'tell', goal, options }, ({ goals }, id) => goals.tell(id, text)),
})

export const agentPauseCommand = command({
  name: 'pause',
  about: 'Stop a goal before its next round. Calls that are under way go on.',
  args: [['<goal>', GOAL_ARGUMENT]],
  at: 'server',
  run: (cli, goal, options) => steer(cli, { verb: 'pause', goal, options }, ({ goals }, id) => goals.pause(id)),
})

export const agentCancelCommand = command({
  name: 'cancel',
  about: 'Cancel a goal and its calls.',
  args: [['<goal>', GOAL_ARGUMENT]],
  options: [['--reason <text>', 'why; stored with the goal', { default: 'cancelled by the user' }]],
  at: 'server',
  run: (cli, goal, { reason, ...options }) =>
    steer(cli, { verb: 'cancel', goal, options }, ({ goals }, id) => goals.cancel(id, reason)),
})

export const agentRateCommand = command({
  name: 'rate',
  about: 'Rate a goal that has ended.',
  args: [
    ['<goal>', GOAL_ARGUMENT],
    ['<rating>', 'good or bad'],
  ],
  at: 'server',
  run: (cli, goal, rating, options) =>
    steer(cli, { verb: 'rate', goal, options }, ({ goals }, id) => goals.rate(id, rating as 'good' | 'bad')),
})

export const agentResumeCommand = command({
  name: 'resume',
  about:
    'Continue an interrupted or waiting goal, and follow it. A goal that has failed continues as a new goal that reuses its rounds. With --with-new-code, goals whose code has changed go on with the code of the program that runs.',
  args: [['[goal]', `${GOAL_ARGUMENT}; absent with --all`]],
  options: [
    ['--with-new-code', 'let the goal go on with code that has changed since it began'],
    ['--all', 'with --with-new-code: all goals whose code has changed'],
    ['--agent <name>', 'with --all: only goals of this agent'],
    ['--rounds <number>', 'add rounds to its limit', { parse: parseAmount }],
    ['--tokens <number>', 'add tokens to its limit', { parse: parseAmount }],
    ['--minutes <number>', 'add minutes to its deadline', { parse: parseAmount }],
    ['--tell <text>', 'tell the model something first'],
    ['--json', 'print the goal as JSON'],
    EVENTS_OPTION,
  ],
  at: 'server',
  examples: [
    'agent resume goal_3xJd0vQ',
    'agent resume goal_3xJd0vQ --rounds 10',
    'agent resume --all --with-new-code',
  ],
  run(cli, given, options) {
    if (options.withNewCode || options.all || given === undefined) return resumeWithNewCode(cli, given, options)
    const { rounds, tokens, minutes, tell: text, json = false, events = false } = options
    const more: MoreLimits = {
      ...(rounds !== undefined && { rounds }),
      ...(tokens !== undefined && { tokens }),
      ...(minutes !== undefined && { time: minutes * 60_000 }),
    }
    const request = { ...(Object.keys(more).length > 0 && { more }), ...(text !== undefined && { text }) }
    return withRuntime(cli, { command: `antiphon agent resume ${given}`, ...targetOf(options) }, async (session) => {
      const id = await resolveGoalId(session.client, given)
      const { status } = await session.client.goals.get(id)
      if (status === 'failed' && Object.keys(request).length === 0)
        return forkGoal(cli, session, id, {}, { json, events })
      // a goal that has ended is shown, but nothing can be added to it
      if (!OVER.includes(status) || Object.keys(request).length > 0) await session.client.goals.resume(id, request)
      return followGoal(cli, session, id, { json, events, opening: 'continues' })
    })
  },
})

const OVER: readonly string[] = ['completed', 'failed', 'cancelled']

function parseAmount(text: string): number {
  const amount = Number(text)
  if (!Number.isSafeInteger(amount) || amount < 1) throw new InvalidArgumentError('Expected a whole number from 1.')
  return amount
}

type Steering = { readonly verb: string; readonly goal: string; readonly options: ConnectionTarget }

function steer(
  cli: Cli,
  { verb, goal, options }: Steering,
  act: (client: Session['client'], id: string) => Promise<void>,
): Promise<number> {
  return withRuntime(cli, { command: `antiphon agent ${verb} ${goal}`, ...targetOf(options) }, async ({ client }) => {
    await act(client, await resolveGoalId(client, goal))
    return 0
  })
}

type Options = ConnectionTarget & {
  readonly withNewCode?: boolean | undefined
  readonly all?: boolean | undefined
  readonly agent?: string | undefined
  readonly json?: boolean | undefined
}

/**
 * `agent resume GOAL|--all --with-new-code`: one answer for goals whose code has changed. The program that has the code
 * must run. Exit code 1 if no process has it.
 */
function resumeWithNewCode(cli: Cli, goal: string | undefined, options: Options): Promise<number> {
  checkOptions(goal, options)
  const { agent, json = false } = options
  const command = `antiphon agent resume ${goal ?? '--all'} --with-new-code`
  return withRuntime(cli, { command, ...targetOf(options) }, async ({ client }) => {
    const which =
      goal !== undefined ? { goal: await resolveGoalId(client, goal) } : agent === undefined ? {} : { agent }
    const report = await client.goals.adopt(which)
    if (json) cli.terminal.json(report)
    else printReport(cli.terminal, report)
    return report.changes.some(({ outcome }) => outcome === 'lacks') ? 1 : 0
  })
}

function checkOptions(goal: string | undefined, { withNewCode, all, agent }: Options): void {
  const fault = (message: string) =>
    new InvalidError(message, { hint: 'Write for example: antiphon agent resume --all --with-new-code' })
  if (goal === undefined && !all) throw fault('Expected a goal, or --all.')
  if (goal !== undefined && all) throw fault('Expected either a goal or --all, got both.')
  if (!withNewCode)
    throw fault('--all needs --with-new-code: goals that wait for something else are answered one by one.')
  if (agent !== undefined && !all) throw fault('--agent needs --all.')
}

const OUTCOMES: { readonly [Outcome in CodeReport['changes'][number]['outcome']]: string } = {
  'goes-on': 'with the new code from now on',
  asks: 'not yet: its code has changed again',
  keeps: 'waits for the old code, as its agent says',
  lacks: 'not possible here: start the program first',
}

/** Prints the goals whose code has changed, and what becomes of them. */
function printReport(terminal: Terminal, { changes }: CodeReport): void {
  if (changes.length === 0) terminal.say('No goal waits for code that has changed.')
  for (const { agent, outcome, changes: lines, goals } of changes) {
    terminal.out(`${formatCount(goals.length, 'goal')} of ${agent}: ${OUTCOMES[outcome]}`)
    for (const line of lines) terminal.out(`  ${line}`)
  }
}

import { Command, InvalidArgumentError, Option } from 'commander'
import type { MoreLimits } from '../../../runtime/ports/goals.ts'
import { GOAL_ARGUMENT, resolveGoalId } from '../../arguments/ids.ts'
import { DATA_OPTION, eventsOption, exampleText } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { type ConnectionTarget, targetOf } from '../../connect/target.ts'
import { forkGoal } from './agent-fork.ts'
import { followGoal } from './follow-goal.ts'

/** `agent tell GOAL TEXT`: gives the model a text before its next round. */
export function agentTellCommand(cli: Cli): Command {
  return new Command('tell')
    .description('Tell the model something before its next round.')
    .argument('<goal>', GOAL_ARGUMENT)
    .argument('<text>', 'at most 4000 characters')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('agent tell goal_3xJd0vQ "Leave the drafts as they are."'))
    .action(async (goal: string, text: string, options: ConnectionTarget) =>
      cli.exit(await steer(cli, { verb: 'tell', goal, options }, ({ goals }, id) => goals.tell(id, text))),
    )
}

/** `agent pause GOAL`: stops a goal before its next round. */
export function agentPauseCommand(cli: Cli): Command {
  return new Command('pause')
    .description('Stop a goal before its next round. Calls that are under way go on.')
    .argument('<goal>', GOAL_ARGUMENT)
    .option(...DATA_OPTION)
    .action(async (goal: string, options: ConnectionTarget) =>
      cli.exit(await steer(cli, { verb: 'pause', goal, options }, ({ goals }, id) => goals.pause(id))),
    )
}

/** `agent cancel GOAL`: cancels a goal and its calls. */
export function agentCancelCommand(cli: Cli): Command {
  return new Command('cancel')
    .description('Cancel a goal and its calls.')
    .argument('<goal>', GOAL_ARGUMENT)
    .option('--reason <text>', 'why; stored with the goal', 'cancelled by the user')
    .option(...DATA_OPTION)
    .action(async (goal: string, { reason, ...options }: ConnectionTarget & { readonly reason: string }) =>
      cli.exit(await steer(cli, { verb: 'cancel', goal, options }, ({ goals }, id) => goals.cancel(id, reason))),
    )
}

/** `agent rate GOAL good|bad`: records what a person thinks of a goal. */
export function agentRateCommand(cli: Cli): Command {
  return new Command('rate')
    .description('Rate a goal that has ended. A bad rating forgets the playbook that it taught or followed.')
    .argument('<goal>', GOAL_ARGUMENT)
    .argument('<rating>', 'good or bad')
    .option(...DATA_OPTION)
    .action(async (goal: string, rating: 'good' | 'bad', options: ConnectionTarget) =>
      cli.exit(await steer(cli, { verb: 'rate', goal, options }, ({ goals }, id) => goals.rate(id, rating))),
    )
}

type Resumption = ConnectionTarget & {
  readonly rounds?: number
  readonly tokens?: number
  readonly minutes?: number
  readonly tell?: string
  readonly json?: boolean
  readonly events?: boolean
}

/** `agent resume GOAL`: continues a goal that waits, is paused or was interrupted, and follows it. */
export function agentResumeCommand(cli: Cli): Command {
  return new Command('resume')
    .description(
      'Continue an interrupted or waiting goal, and follow it. A goal that has failed continues as a new goal that reuses its rounds.',
    )
    .argument('<goal>', GOAL_ARGUMENT)
    .addOption(new Option('--rounds <number>', 'add rounds to its limit').argParser(parseAmount))
    .addOption(new Option('--tokens <number>', 'add tokens to its limit').argParser(parseAmount))
    .addOption(new Option('--minutes <number>', 'add minutes to its deadline').argParser(parseAmount))
    .option('--tell <text>', 'tell the model something first')
    .option('--json', 'print the goal as JSON')
    .addOption(eventsOption())
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('agent resume goal_3xJd0vQ', 'agent resume goal_3xJd0vQ --rounds 10'))
    .action(async (goal: string, options: Resumption) => cli.exit(await resume(cli, goal, options)))
}

function resume(cli: Cli, given: string, options: Resumption): Promise<number> {
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
    return followGoal(cli, session, id, { json, events, resumed: true })
  })
}

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

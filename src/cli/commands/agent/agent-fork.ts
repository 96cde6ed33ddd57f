import type { GoalForkRequest } from '../../../agent/room/goals/port.ts'
import { present } from '../../../lib/json/present.ts'
import { GOAL_ARGUMENT, resolveGoalId } from '../../arguments/ids.ts'
import { budgetOption, EVENTS_OPTION, newId, parseRound } from '../../arguments/options.ts'
import { WHEN_OPTIONS, whenOf } from '../../arguments/when.ts'
import { type Cli, command, targetOf } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { followGoal, joinedText, openingOf } from './follow-goal.ts'

export const agentForkCommand = command({
  name: 'fork',
  about:
    'Start a goal that reuses the first rounds of another. Reused rounds cost nothing, and their calls are not made again. The model is asked from there on.',
  args: [['<goal>', GOAL_ARGUMENT]],
  options: [
    [
      '--at <round>',
      'ask the model again at this round; by default after the last one, or at the last one of a completed goal',
      { parse: parseRound },
    ],
    budgetOption('goal'),
    ...WHEN_OPTIONS,
    ['--json', 'print the goal as JSON'],
    EVENTS_OPTION,
  ],
  at: 'server',
  examples: ['agent fork goal_3xJd0vQ', 'agent fork goal_3xJd0vQ --at 3', 'agent fork goal_3xJd0vQ --queue customer-7'],
  run(cli, goal, { at, budget, json = false, events = false, ...where }) {
    const request = { ...present({ at, budget }), ...whenOf(where) }
    const session = { command: `antiphon agent fork ${goal}`, ...targetOf(where) }
    return withRuntime(cli, session, async (opened) =>
      forkGoal(cli, opened, await resolveGoalId(opened.client, goal), request, { json, events }),
    )
  },
})

/** Forks a goal, says so, and follows the new one. */
export async function forkGoal(
  cli: Cli,
  session: Session,
  goal: string,
  request: GoalForkRequest,
  output: { readonly json: boolean; readonly events: boolean },
): Promise<number> {
  const { client, isAway } = session
  const { id, joined } = await client.goals.fork(goal, {
    // when the connection is lost and the request repeated, the goal starts once
    ...(isAway && { id: newId('goal') }),
    ...(cli.terminal.read !== undefined && { interactive: true }),
    ...request,
  })
  cli.terminal.say(joined ? joinedText(id) : `${goal} continues as ${id}, which reuses its rounds.`)
  return followGoal(cli, session, id, { ...output, opening: openingOf(request) })
}

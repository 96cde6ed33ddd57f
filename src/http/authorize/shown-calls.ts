import type { CallDocument, GoalDocument } from '../../agent/room/goals/documents.ts'
import { isToolNamed } from '../../tool/tool.ts'

/**
 * A goal as visitors see it. That a call is made is shown, with its tool and outcome. Its parameters and its result are
 * shown only if the agent says so (`show`), and nobody who answered for it is named.
 */
export function hideCalls<Goal extends Pick<GoalDocument, 'rounds'> & Partial<Pick<GoalDocument, 'show'>>>(
  goal: Goal,
): Goal {
  const { show = 'none' } = goal
  const rounds = goal.rounds.map((round) => ({ ...round, calls: round.calls.map((call) => shownCall(call, show)) }))
  return { ...goal, rounds }
}

function shownCall({ said: _, ...call }: CallDocument, show: NonNullable<GoalDocument['show']>): CallDocument {
  if (show === 'all' || (show !== 'none' && show.some((name) => isToolNamed(call.tool, name)))) return call
  const { tool, step, outcome, undone, late } = call
  return {
    tool,
    parameters: {},
    ...(step !== undefined && { step }),
    ...(outcome && { outcome, result: null }),
    ...(undone !== undefined && { undone }),
    ...(late && { late: { outcome: late.outcome, result: null } }),
  }
}

import { budgetRef } from '../../../budget/scope.ts'
import type { Engine } from '../../../engine/engine.ts'
import { goalRef } from '../../../house/actors.ts'
import type { Activity } from '../../../work/activity.ts'
import type { FollowedWork, Rest, UntilRest } from '../../../work/follow.ts'
import { createFollowers, followToEnd, hasEnded } from '../../../work/follow.ts'
import { type GoalState, isAtWork, isOver, peekGoal } from '../../protocol/state.ts'
import { endsByItself } from '../../protocol/stored-goal.ts'
import type { GoalServing, GoalsPort } from './port.ts'

export type GoalFollowerParts = {
  readonly engine: Engine
  readonly activity: Activity
  readonly runs: {
    /** Takes up what an earlier process left of a run. */
    goOn(run: string): Promise<void>
    readonly untilRest: UntilRest
  }
}

/** Follows the work of goals, and of the runs and goals below them. */
export type GoalFollower = {
  readonly events: GoalsPort['events']
  readonly untilRest: UntilRest
  /** Lists the goal as running while it works. */
  follow(id: string): void
  /** Takes up a goal that an earlier process left, and the work below it. */
  goOn(id: string): Promise<void>
  readonly goalEnded: GoalServing['goalEnded']
}

export function createGoalFollower({ engine, activity, runs }: GoalFollowerParts): GoalFollower {
  const { view } = engine
  const stateOf = (id: string) => peekGoal(view, id)

  const followed = (id: string): FollowedWork => ({
    of: goalRef(id),
    last: 'goal-end',
    isOver: async () => isOverOrGone(await stateOf(id)),
  })

  const events: GoalsPort['events'] = (id, from) =>
    followToEnd(view, followed(id), from) as ReturnType<GoalsPort['events']>

  const { follow } = createFollowers('goal', activity.track, untilRest)

  async function untilRest(id: string): Promise<Rest> {
    for await (const { body } of events(id)) {
      const state = await stateOf(id)
      if (!state || !goesOn(state)) break
      const { run, handedTo } = state
      // a person may take months to approve a call: then no process needs to stay
      if (handedTo && (await untilRest(handedTo.goal)) === 'resting') return 'resting'
      if (run === undefined || (body as { readonly type: string }).type === 'round-end') continue
      if ((await runs.untilRest(run)) === 'resting') return 'resting'
    }
    if (!isOverOrGone(await stateOf(id))) return 'resting'
    return 'over'
  }

  async function goOn(id: string): Promise<void> {
    const state = await stateOf(id)
    if (state && isOver(state)) return
    if (state?.wait?.type === 'money') await engine.ask(budgetRef(state.wait.scope), { type: 'period' })
    if (state?.run !== undefined) {
      await engine.start({ only: state.run })
      await runs.goOn(state.run)
    }
    if (state?.handedTo) {
      await engine.start({ only: state.handedTo.goal })
      await goOn(state.handedTo.goal)
    }
    if (!state || goesOn(state)) follow(id)
  }

  return { events, untilRest, follow, goOn, goalEnded: (id, after) => hasEnded(view, followed(id), after) }
}

/** A goal that waits for the health of the process, or for its provider, continues by itself. */
export const goesOn = (state: GoalState) => isAtWork(state) || endsByItself(state.wait)
const isOverOrGone = (state: GoalState | undefined) => state !== undefined && isOver(state)

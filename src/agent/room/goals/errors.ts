import { InvalidError, NotFoundError } from '../../../errors.ts'
import type { GoalState } from '../../protocol/state.ts'

export function noGoal(id: string): NotFoundError {
  return new NotFoundError(`There is no goal ${id}.`, { hint: 'See: antiphon agent list' })
}

/** The error for a round that a goal does not have, or that the caller does not see. */
export function noRound(goal: string, round: number): NotFoundError {
  return new NotFoundError(`The goal ${goal} has no round ${round}.`, { hint: `See: antiphon agent show ${goal}` })
}

export function goalOver(id: string, { status }: GoalState): InvalidError {
  return new InvalidError(`The goal ${id} has ended: it is ${status}.`, {
    code: 'goal_over',
    place: { path: 'goal' },
    hint: `To see it: antiphon agent show ${id}. A new goal can go on from there.`,
  })
}

/** The error for a call of a goal that makes none at present. */
export function noCallInDoubt(goal: string, call: string): InvalidError {
  return new InvalidError(`${call} of ${goal} has no unknown outcome: the goal is not making a call.`, {
    code: 'not_waiting',
    hint: 'To see what waits: antiphon inbox',
  })
}

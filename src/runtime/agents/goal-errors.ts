import type { GoalState } from '../../agent/protocol/state.ts'
import { InvalidError, NotFoundError } from '../../errors.ts'

/** The error for a goal that does not exist. */
export function noGoal(id: string): NotFoundError {
  return new NotFoundError(`There is no goal ${id}.`, { hint: 'See: antiphon agent list' })
}

/** The error for a change of a goal that has ended. */
export function goalOver(id: string, { status }: GoalState): InvalidError {
  return new InvalidError(`The goal ${id} has ended: it is ${status}.`, {
    code: 'goal_over',
    place: { path: 'goal' },
    hint: `To see it: antiphon agent show ${id}. A new goal can go on from there.`,
  })
}

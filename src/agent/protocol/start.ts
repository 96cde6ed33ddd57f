import type { ActorRef } from '../../kernel/types.ts'
import type { ThreadParent } from '../../tool/agents/goal-origin.ts'
import type { GoalStart } from './messages.ts'

/** The part `start` of a goal. */
export type GoalStartPart = Omit<GoalStart, 'type' | 'agent' | 'owner' | 'limits' | 'hold'> & {
  readonly replyTo?: ActorRef
}

/** The conversation whose message the goal answers. */
export const conversationOf = ({ parent }: Pick<GoalStartPart, 'parent'>): ThreadParent | undefined =>
  parent && 'thread' in parent ? parent : undefined

/**
 * Whether a goal uses the memory of its agent. A goal of a step does not. A goal of a conversation does not either,
 * unless its agent says so: the memory of an agent spans the conversations of an owner, and the text of one customer
 * must not reach another one.
 */
export const usesMemory = (start: Pick<GoalStartPart, 'ofStep' | 'parent' | 'recall'>): boolean =>
  !start.ofStep && (conversationOf(start) === undefined || start.recall === 'agent')

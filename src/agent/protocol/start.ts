import type { ActorRef } from '../../kernel/types.ts'
import type { GoalStart } from './messages.ts'

/** The part `start` of a goal. */
export type GoalStartPart = Omit<GoalStart, 'type' | 'agent' | 'owner' | 'limits' | 'hold'> & {
  readonly replyTo?: ActorRef
}

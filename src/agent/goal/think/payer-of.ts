import { scopeOf } from '../../../budget/scope.ts'
import type { ActorRef } from '../../../kernel/types.ts'
import { ownerOf } from '../../../lib/owner.ts'
import type { Payer } from '../../../work/payer.ts'
import type { GoalStartPart } from '../../protocol/messages.ts'
import type { GoalState } from '../../protocol/state.ts'

/** The payer of the model calls of a goal: its own budget, besides that of its owner. */
export function payerOf(
  { priority, workFor = {} }: Pick<GoalStartPart, 'priority' | 'workFor'>,
  { owner, agent }: Pick<GoalState, 'owner' | 'agent'>,
  { key }: ActorRef,
): Payer {
  const { context: _, rules, ...about } = workFor
  const work = { for: { owner: ownerOf({ owner }), ...about, goal: key, agent }, rules }
  return { of: [scopeOf('goal', key)], share: key, ...(priority && { priority }), work }
}

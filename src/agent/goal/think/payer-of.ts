import { scopeOf } from '../../../budget/scope.ts'
import type { ActorRef } from '../../../kernel/types.ts'
import type { Payer } from '../../../work/payer.ts'
import type { GoalStartPart } from '../../protocol/start.ts'

/** The payer of the model calls of a goal: its own budget, besides that of its owner. */
export const payerOf = ({ priority }: Pick<GoalStartPart, 'priority'>, { key }: ActorRef): Payer => ({
  of: [scopeOf('goal', key)],
  share: key,
  ...(priority && { priority }),
})

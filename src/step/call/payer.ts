import { scopeOf } from '../../budget/scope.ts'
import type { Payer } from '../../work/payer.ts'
import { fairnessKey, priorityOf } from '../messages/step-start.ts'
import type { StepContext } from './context.ts'

export function payerOf({ start, callFor }: Pick<StepContext, 'start' | 'callFor'>): Payer {
  const work = { for: callFor, rules: start.run.workFor?.rules }
  return { of: [scopeOf('run', start.run.id)], share: fairnessKey(start), ...priorityOf(start), work }
}

/** The part of a step's effect in which it asks the candidate at a place. A step with only one call uses place 0. */
export const partOf = (place: number): string => `.${place}`

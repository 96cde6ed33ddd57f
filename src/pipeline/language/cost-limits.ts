import type { BudgetPeriod, ModelNeeds } from '../../model/choose/model-facts.ts'
import type { CompiledPipeline, CompiledStep, CostLimits } from '../plan/compiled.ts'

type Wishes = { readonly model?: CompiledPipeline['model']; readonly steps: readonly CompiledStep[] }

/** What models may cost in all in a run, a day and an hour: of several limits for one of them the smallest holds. */
export function costLimitsOf({ model, steps }: Wishes): Pick<CompiledPipeline, 'costLimits'> {
  const needs = [model?.needs, ...steps.map(({ modelNeeds }) => modelNeeds)]
  const limits = needs.flatMap((one) => limitIn(one)).toSorted(([, one], [, other]) => other - one)
  return limits.length === 0 ? {} : { costLimits: Object.fromEntries(limits) as CostLimits }
}

function limitIn({ costLimit, budgetPeriod }: ModelNeeds = {}): readonly (readonly [BudgetPeriod, number])[] {
  return costLimit === undefined || budgetPeriod === undefined ? [] : [[budgetPeriod, costLimit]]
}

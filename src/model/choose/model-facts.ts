import type { Price } from '../cost/price.ts'
import type { CapabilityLevel } from './levels.ts'

/** The known facts about a model; an absent field is unknown. */
export type ModelFacts = {
  readonly id: string
  /** whether the operator named it as the one that answers when nobody says which */
  readonly standard: boolean
  /** whether a call costs money, as far as is known */
  readonly paid: boolean
  /** what pipelines may call it beside its id */
  readonly aliases?: readonly string[]
  /** billions of parameters */
  readonly size?: number
  /** what it is good at, in the operator's words */
  readonly tags?: readonly string[]
  readonly level?: CapabilityLevel
  readonly capabilities?: readonly string[]
  /** what of `tools` and `json` it is said not to be able to do */
  readonly cannot?: readonly string[]
  readonly modalities?: readonly string[]
  /** tokens that question and answer may have together */
  readonly context?: number
  /** whether what it is asked stays on this machine */
  readonly local?: boolean
  readonly latencyMs?: number
  readonly tokensPerSecond?: number
  /** 0..1 */
  readonly accuracy?: number
  readonly price?: Price
  /** words of tasks for which the operator takes it before all others */
  readonly firstFor?: readonly string[]
}

/** A run, or a day or an hour of all runs of the pipeline. */
export type BudgetPeriod = 'run' | 'day' | 'hour'

/** The requirements of a step on its model. */
export type ModelNeeds = {
  readonly minSize?: number
  readonly maxSize?: number
  readonly level?: CapabilityLevel
  /** one of these is enough */
  readonly tags?: readonly string[]
  readonly capabilities?: readonly string[]
  readonly modalities?: readonly string[]
  /** tokens */
  readonly minContext?: number
  /** nothing of what it is asked may leave this machine */
  readonly local?: boolean
  readonly maxLatencyMs?: number
  readonly minTokensPerSecond?: number
  readonly minAccuracy?: number
  /** dollars for one call of about a thousand tokens each way */
  readonly costLimit?: number
  /** what all calls together may cost no more than that in; absent: each call alone */
  readonly budgetPeriod?: BudgetPeriod
  readonly preferred?: readonly string[]
  readonly excluded?: readonly string[]
  /** what to take when none meets all of it; absent: none */
  readonly otherwise?: 'best_available' | 'cheapest' | 'fail'
  /** words for what it is to do: who is good at that comes first, but nobody is refused for it */
  readonly task?: readonly string[]
}

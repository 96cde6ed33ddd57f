import type { Price } from '../cost/price.ts'
import type { Reasoning } from '../request/reasoning.ts'
import type { PromptCache } from '../request/request.ts'
import type { Wire } from '../wire/rules.ts'
import type { CapabilityLevel } from './levels.ts'

/** The known facts about a model; an absent field is unknown. */
export type ModelFacts = {
  readonly id: string
  /** whether it is the operator's default model */
  readonly standard: boolean
  /** whether a call costs money, as far as is known */
  readonly paid: boolean
  /** other names that pipelines may use for it */
  readonly aliases?: readonly string[]
  /** billions of parameters */
  readonly size?: number
  /** the operator's words for its strengths */
  readonly tags?: readonly string[]
  readonly level?: CapabilityLevel
  readonly capabilities?: readonly string[]
  /** which of `tools` and `json` it does not support, as declared */
  readonly cannot?: readonly string[]
  readonly modalities?: readonly string[]
  /** the context window in tokens */
  readonly context?: number
  /** whether requests to it stay on this machine */
  readonly local?: boolean
  readonly latencyMs?: number
  readonly tokensPerSecond?: number
  /** 0..1 */
  readonly accuracy?: number
  readonly price?: Price
  /** the rates of `price` that nobody configured: the provider's usual ones */
  readonly usualPrices?: readonly string[]
  /** how long its provider keeps what requests mark, unless a request says otherwise */
  readonly promptCache?: PromptCache
  /** tokens of one reply at most, with its thoughts: also of a request that sets no limit */
  readonly maxTokens?: number
  /** how much it thinks where the request does not say it */
  readonly reasoning?: Reasoning
  /** kinds of tasks, by word, for which the operator prefers it */
  readonly firstFor?: readonly string[]
  /** the set of rules for its requests; absent: the package of its provider decides */
  readonly wire?: Wire
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
  /** no request may leave this machine */
  readonly local?: boolean
  readonly maxLatencyMs?: number
  readonly minTokensPerSecond?: number
  readonly minAccuracy?: number
  /** dollars for one call of about a thousand tokens each way */
  readonly costLimit?: number
  /** the period in which all calls together may cost no more than that; absent: each call alone */
  readonly budgetPeriod?: BudgetPeriod
  readonly preferred?: readonly string[]
  readonly excluded?: readonly string[]
  /** which model to take when none meets all needs; absent: none */
  readonly otherwise?: 'best_available' | 'cheapest' | 'fail'
  /** words that describe the task: models that are good at it come first, but no model is excluded */
  readonly task?: readonly string[]
}

import type { Plain } from '../../document.ts'
import type { Compression } from './compress.ts'
import type { ImportanceWeights, TierLimits } from './decide.ts'
import type { upkeepSettings } from './settings.ts'

/** The rules by which records move. A tier without compression keeps the JSON of its records as it came. */
export type TierRules = {
  readonly short: TierLimits
  readonly intermediate: TierLimits
  readonly weights: ImportanceWeights
  readonly compression: { readonly intermediate?: Compression; readonly long?: Compression }
}

/** The settings of tiers, as antiphon.yaml has them. `ttl` in seconds. `drop`: keys that the JSON of a record loses. */
export type TierSettings = NonNullable<Plain<typeof upkeepSettings.tiers>>

/** Keys that the JSON of a record loses on its way to `intermediate`. */
const DROPPED = [
  'raw_observation',
  'full_observation',
  'detailed_state',
  'debug_info',
  'internal_state',
  'temporary_data',
]
/** Keys that it loses on its way to `long`, beside those. */
const DROPPED_LATER = [
  'intermediate_results',
  'processing_steps',
  'trace',
  'interaction_details',
  'sensory_data',
  'raw_action_data',
]
const HOUR_MS = 3_600_000

/** The rules with their defaults: an hour and 10,000 records in `short`, a day and 50,000 in `intermediate`. */
export function tierRules({ short, intermediate, weights, compress = true, drop = {} }: TierSettings = {}): TierRules {
  const first = drop.intermediate ?? DROPPED
  const limits = (given: Partial<TierLimits> = {}, limit: number, ttl: number): TierLimits => ({
    limit: given.limit ?? limit,
    ttl: given.ttl === undefined ? ttl : given.ttl * 1000,
  })
  return {
    short: limits(short, 10_000, HOUR_MS),
    intermediate: limits(intermediate, 50_000, 24 * HOUR_MS),
    weights: weights ?? { reward: 0.4, reads: 0.3, recency: 0.2, surprise: 0.1 },
    compression: compress
      ? {
          intermediate: { decimals: 3, drop: first },
          long: { decimals: 1, drop: [...first, ...(drop.long ?? DROPPED_LATER)] },
        }
      : {},
  }
}

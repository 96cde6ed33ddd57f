import { DEFAULT_SCALING, type ScalePolicy } from './autoscale.ts'
import type { SizeRange } from './default-sizes.ts'

/** Settings of pools, or of one pool. Times in seconds. */
export type PoolSettings = {
  /** a fixed size: `min` and `max` at once */
  readonly workers?: number
  readonly min?: number
  readonly max?: number
  /** how many tasks wait at most */
  readonly queue?: number
  /** after how long a task that waits rises by one priority */
  readonly ageing?: number
  /** how long a task may take, waiting and running together */
  readonly deadline?: number
  /** default models, later ones as fallbacks */
  readonly models?: readonly string[]
  /** for one thread or owner */
  readonly share?: { readonly workers?: number; readonly perMinute?: number }
}

/** How much there is of something, and how often in a minute it may be taken. */
export type ResourceLimits = { readonly slots?: number; readonly perMinute?: number }

/** A resource shared by pools. `models`: units per model; absent: the models of the provider of that name. */
export type ResourceSettings = ResourceLimits & {
  readonly models?: readonly string[] | { readonly [model: string]: number }
}

/** The effective settings of a pool. Times in ms. */
export type PoolPolicy = ScalePolicy & {
  readonly queue: number
  readonly ageing?: number
  readonly deadline?: number
  readonly models?: readonly string[]
  readonly share?: { readonly workers?: number; readonly perMinute?: number }
}

const DEFAULT_QUEUE_LENGTH = 1000

/** Merges the settings of a pool with the common settings and the defaults of the machine. */
export function policyOf(own: PoolSettings, all: PoolSettings, range: SizeRange): PoolPolicy {
  const { queue = DEFAULT_QUEUE_LENGTH, ageing, deadline, models, share } = { ...all, ...own }
  return {
    ...DEFAULT_SCALING,
    ...(boundsIn(own, range) ?? boundsIn(all, range) ?? range),
    queue,
    ...(ageing !== undefined && { ageing: ageing * 1000 }),
    ...(deadline !== undefined && { deadline: deadline * 1000 }),
    ...(models && { models }),
    ...(share && { share }),
  }
}

/** If only one bound is set, the other is adjusted. */
function boundsIn({ workers, min, max }: PoolSettings, range: SizeRange): SizeRange | undefined {
  if (workers !== undefined) return { min: workers, max: workers }
  if (min === undefined && max === undefined) return undefined
  return { min: min ?? Math.min(range.min, max!), max: max ?? Math.max(range.max, min!) }
}

import { DEFAULT_SCALING, type ScalePolicy } from './autoscale.ts'
import type { SizeRange } from './default-sizes.ts'

/** Settings of pools, or of one pool. Times in seconds. */
export type PoolSettings = {
  /** a fixed size: sets both `min` and `max` */
  readonly workers?: number
  readonly min?: number
  readonly max?: number
  /** the maximum number of waiting tasks */
  readonly queue?: number
  /** the waiting time after which a task rises by one priority */
  readonly ageing?: number
  /** the maximum time of a task, waiting and running together */
  readonly deadline?: number
  /** default models, later ones as fallbacks */
  readonly models?: readonly string[]
  /** limits for one thread or owner */
  readonly share?: { readonly workers?: number; readonly perMinute?: number }
}

/** The capacity of a resource, and its rate limit per minute. */
export type ResourceLimits = { readonly slots?: number; readonly perMinute?: number }

/**
 * A resource shared by pools. `models` and `tools`: units per call of a model or a tool. `steps`: a step of a workflow
 * may name it, and takes one. Without all three: the models of the provider with the same name.
 */
export type ResourceSettings = ResourceLimits & {
  readonly models?: readonly string[] | { readonly [model: string]: number }
  readonly tools?: readonly string[] | { readonly [tool: string]: number }
  readonly steps?: boolean
}

/** The effective settings of a pool. Times in ms. */
export type PoolPolicy = ScalePolicy &
  Pick<PoolSettings, 'ageing' | 'deadline' | 'models' | 'share'> & { readonly queue: number }

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

import type { Priority } from '../../lib/priority.ts'

export type PoolCounts = {
  running: number
  done: number
  failed: number
  /** restarted because a worker died */
  retried: number
  /** tasks that ended after their deadline; their results are dropped */
  late: number
  /** substitutes for tasks that failed elsewhere */
  fallbacks: number
  /** attempts that began, by the priority of their task */
  readonly begun: { [priority in Priority]: number }
  /** ms that tasks waited (0 if they started at once), and ms that they ran */
  readonly wait: Histogram
  readonly run: Histogram
}

export const createPoolCounts = (): PoolCounts => ({
  running: 0,
  done: 0,
  failed: 0,
  retried: 0,
  late: 0,
  fallbacks: 0,
  begun: { critical: 0, high: 0, normal: 0, low: 0 },
  wait: createHistogram(),
  run: createHistogram(),
})

/** A histogram of recent durations with 128 buckets. Older values fade. */
interface Histogram {
  record(ms: number): void
  /** The duration in ms below which this share lies, with a precision of an eighth; 0 without values. */
  percentile(share: number): number
}

const BUCKETS = 128
/** After this many values, all counts are halved. */
const HALVING_COUNT = 1024

export function createHistogram(): Histogram {
  const counts = new Uint32Array(BUCKETS)
  let total = 0

  function halve(): void {
    total = 0
    for (let at = 0; at < BUCKETS; at++) total += counts[at] = counts[at]! >>> 1
  }

  return {
    record(ms) {
      counts[bucketOf(ms)]!++
      if (++total >= 2 * HALVING_COUNT) halve()
    },
    percentile(share) {
      let left = Math.ceil(total * share)
      if (left === 0) return 0
      for (let at = 0; at < BUCKETS; at++) if ((left -= counts[at]!) <= 0) return middleOf(at)
      return middleOf(BUCKETS - 1)
    },
  }
}

/** Four buckets for each power of two of microseconds. */
function bucketOf(ms: number): number {
  const micros = Math.min(0xffff_ffff, Math.max(0, ms * 1000)) >>> 0
  if (micros < 4) return micros
  const power = 31 - Math.clz32(micros)
  return power * 4 + ((micros >>> (power - 2)) & 3)
}

function middleOf(bucket: number): number {
  if (bucket < 4) return bucket / 1000
  const power = bucket >> 2
  return (2 ** power * (1 + ((bucket & 3) + 0.5) / 4)) / 1000
}

import { type Bucket, isFull, type Rate, type Taken, take } from './token-bucket.ts'

/** The buckets of all who ask, by what they are called. */
export interface Rates {
  readonly rate: Rate
  take(who: string): Taken
}

/** Who asked at most that many others ago may be forgotten, and begins anew. */
const MOST = 10_000

/** Rates of many; who has not asked for long is forgotten, as their bucket is full again. */
export function createRates(rate: Rate, now: () => number): Rates {
  const buckets = new Map<string, Bucket>()
  return {
    rate,
    take(who) {
      const at = now()
      const taken = take(buckets.get(who), rate, at)
      // the one that asked last is the last of the map, so those that did not for long are its first
      buckets.delete(who)
      buckets.set(who, taken.bucket)
      for (const [other, bucket] of buckets) {
        if (buckets.size <= MOST && !isFull(bucket, rate, at)) break
        buckets.delete(other)
      }
      return taken
    },
  }
}

/** A sustained rate per second, and a burst after a pause. */
type Rate = { readonly perSecond: number; readonly burst: number }

/** The remaining tokens at a time; `at` in ms. */
export type Bucket = { readonly tokens: number; readonly at: number }

/** The result of a request to a bucket. `wait`: ms until the next token. */
export type TokenGrant = {
  readonly bucket: Bucket
  readonly taken: boolean
  readonly left: number
  readonly wait: number
}

/** Takes one token from a bucket at a time `at`; an undefined bucket is full. */
export function take(bucket: Bucket | undefined, { perSecond, burst }: Rate, at: number): TokenGrant {
  const tokens = bucket ? Math.min(burst, bucket.tokens + ((at - bucket.at) * perSecond) / 1000) : burst
  const taken = tokens >= 1
  const rest = taken ? tokens - 1 : tokens
  return { bucket: { tokens: rest, at }, taken, left: Math.floor(rest), wait: waitFor(rest, perSecond) }
}

/** Whether a bucket is full again, so that it can be forgotten. */
export function isFull({ tokens, at }: Bucket, { perSecond, burst }: Rate, now: number): boolean {
  return tokens + ((now - at) * perSecond) / 1000 >= burst
}

function waitFor(tokens: number, perSecond: number): number {
  return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 1000) / perSecond)
}

export interface Rates {
  readonly rate: Rate
  take(who: string): TokenGrant
}

/** Number of remembered buckets. The least recently used is forgotten and starts full again. */
const MAX_BUCKETS = 10_000

/** Creates the buckets. Idle callers are forgotten once their bucket is full. */
export function createRates(rate: Rate, now: () => number): Rates {
  const buckets = new Map<string, Bucket>()
  return {
    rate,
    take(who) {
      const at = now()
      const taken = take(buckets.get(who), rate, at)
      // moves the caller to the end of the map, so that the least recent callers come first
      buckets.delete(who)
      buckets.set(who, taken.bucket)
      for (const [other, bucket] of buckets) {
        if (buckets.size <= MAX_BUCKETS && !isFull(bucket, rate, at)) break
        buckets.delete(other)
      }
      return taken
    },
  }
}

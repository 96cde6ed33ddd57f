import { type CacheLayer, type CacheTags, MAX_TTL_MS } from './layer.ts'
import { joinLayers } from './layers.ts'
import type { CacheCounts, CacheReport } from './report.ts'

/** A cache of results. Concurrent requests for the same key share one computation. */
export interface Cache {
  /**
   * Returns the cached result, or runs `make` and caches its result. Concurrent calls for the same
   * key run `make` once.
   * A failure is neither cached nor shared: each waiting caller then runs `make` itself. If the
   * caller that runs `make` is cancelled, the next one takes over.
   */
  through<T>(key: string, terms: CacheOptions<T>, make: () => Promise<T>): Promise<CacheResult<T>>
  /**
   * Invalidates all results with this tag (absent: all results), including those in flight. Returns
   * the number of removed entries per layer. Redis deletes them when they expire.
   * Rejects if the invalidation could not be recorded.
   */
  drop(tag?: string): Promise<readonly CacheRemoved[]>
  counts(): CacheCounts
  /** Contents and hits per layer. */
  report(): Promise<CacheReport>
  close(): Promise<void>
}

/** `ttl`: lifetime in ms, at most 30 days. `tags`: tags to drop the result by. `signal`: stops waiting. */
export type CacheOptions<T> = {
  readonly ttl: number
  readonly tags?: readonly string[]
  readonly signal: AbortSignal
  /** whether to cache the result; absent: always */
  isWorth?(value: T): boolean
}
type CacheResult<T> = { readonly value: T; readonly cached: boolean }

export type CacheRemoved = { readonly name: CacheLayer['name']; readonly entries: number }

export type CacheLayers = {
  /** bytes */
  readonly memory: number
  /** further layers, nearest first: the server shared by nodes, or the disk of this process */
  readonly behind?: readonly (CacheLayer & CacheTags & { close?(): void })[]
  now?(): number
}

type Flight = { readonly made: Promise<string>; readonly signal: AbortSignal }

/** A cache in memory with further layers behind it. */
export function createCache(options: CacheLayers): Cache {
  const { now = Date.now } = options
  const counts = { memory: 0, redis: 0, disk: 0, shared: 0, made: 0, failed: 0 }
  const layers = joinLayers(options, counts, now)
  const flights = new Map<string, Flight>()

  async function lead<T>(
    key: string,
    { ttl, tags: named = [], isWorth = () => true }: CacheOptions<T>,
    make: () => Promise<T>,
  ) {
    // read the marks before the computation starts: a drop in the meantime invalidates the result
    const standing = await layers.standingOf(named)
    const found = standing && (await layers.find(key, standing))
    if (found !== undefined) return { text: found, cached: true }
    const value = await make()
    counts.made++
    const text = JSON.stringify(value)
    const until = now() + Math.min(ttl, MAX_TTL_MS)
    if (standing && isWorth(value)) layers.store(key, { text, until }, standing)
    return { text, value, cached: false }
  }

  async function begin<T>(key: string, terms: CacheOptions<T>, make: () => Promise<T>): Promise<CacheResult<T>> {
    const led = lead(key, terms, make)
    const made = led.then(({ text }) => text)
    // only the caller that ran it handles its failure
    made.catch(() => {})
    const flight: Flight = { made, signal: terms.signal }
    flights.set(key, flight)
    try {
      return await settle(led)
    } finally {
      flights.delete(key)
    }
  }

  async function settle<T>(led: ReturnType<typeof lead<T>>): Promise<CacheResult<T>> {
    const { text, cached, value = JSON.parse(text) as T } = await led
    return { value, cached }
  }

  async function follow<T>(
    flight: Flight,
    key: string,
    terms: CacheOptions<T>,
    make: () => Promise<T>,
  ): Promise<CacheResult<T>> {
    try {
      const text = await unless(terms.signal, flight.made)
      counts.shared++
      return { value: JSON.parse(text) as T, cached: true }
    } catch (error) {
      if (terms.signal.aborted) throw error
      return flight.signal.aborted ? through(key, terms, make) : settle(lead(key, terms, make))
    }
  }

  async function through<T>(key: string, terms: CacheOptions<T>, make: () => Promise<T>): Promise<CacheResult<T>> {
    terms.signal.throwIfAborted()
    const flight = flights.get(key)
    return flight ? follow(flight, key, terms, make) : begin(key, terms, make)
  }

  return {
    through,
    drop: layers.drop,
    counts: () => ({ ...counts }),
    async report() {
      const { shared, made, failed } = counts
      return { places: await layers.places(), shared, made, failed }
    },
    close: layers.close,
  }
}

/** Resolves like `coming`, unless the signal aborts first. */
async function unless<T>(signal: AbortSignal, coming: Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const leave = () => reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([coming, promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

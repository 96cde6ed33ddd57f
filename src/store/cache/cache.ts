import {
  ALL_TAGS,
  type CacheEntry,
  type CacheLayer,
  type CacheTags,
  MAX_TTL_MS,
  memoryLayer,
  sameMarks,
  type TagMarks,
} from './layer.ts'
import type { CacheCounts, CachePlace, CacheReport } from './report.ts'
import { memoryTags } from './tags.ts'

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

/** Entries removed from a layer. */
type CacheRemoved = { readonly name: CacheLayer['name']; readonly entries: number }

export type CacheLayers = {
  /** bytes */
  readonly memory: number
  /** further layers, nearest first: the server shared by nodes, or the disk of this process */
  readonly behind?: readonly (CacheLayer & CacheTags & { close?(): void })[]
  now?(): number
}

/** Marks of tags: of this process, and of the shared server if it is reachable. */
type Standing = { readonly own: TagMarks; readonly shared: TagMarks | undefined }

type Flight = { readonly made: Promise<string>; readonly signal: AbortSignal }

/** A cache in memory with further layers behind it. */
export function createCache({ memory, behind = [], now = Date.now }: CacheLayers): Cache {
  const layers: readonly CacheLayer[] = [memoryLayer(memory), ...behind]
  const server = behind.find(({ name }) => name === 'redis')
  const tags = behind.find(({ name }) => name !== 'redis') ?? memoryTags()
  const flights = new Map<string, Flight>()
  const keeping = new Set<Promise<void>>()
  const counts = { memory: 0, redis: 0, disk: 0, shared: 0, made: 0, failed: 0 }

  async function standingOf(named: readonly string[]): Promise<Standing | undefined> {
    const names = [...new Set(named)]
    const shared = server && (await attempt(() => server.marksOf(names)))
    const own = await attempt(() => tags.marksOf(names))
    return own && { own, shared }
  }

  async function find(key: string, standing: Standing): Promise<string | undefined> {
    for (const [place, layer] of layers.entries()) {
      const entry = await attempt(() => layer.get(key))
      if (!entry || entry.until <= now() || !isValid(entry, layer, standing)) continue
      counts[layer.name]++
      for (const nearer of layers.slice(0, place)) put(nearer, key, entry, standing)
      return entry.text
    }
    return undefined
  }

  function isValid({ marks, shared }: CacheEntry, layer: CacheLayer, standing: Standing): boolean {
    if (layer === server) return standing.shared !== undefined && sameMarks(marks, standing.shared)
    if (!sameMarks(marks, standing.own)) return false
    // while the server is away, drops by other nodes are unknown
    return standing.shared === undefined || (shared !== undefined && sameMarks(shared, standing.shared))
  }

  function put(layer: CacheLayer, key: string, { text, until }: Omit<CacheEntry, 'marks'>, standing: Standing): void {
    const { own, shared } = standing
    if (layer !== server) keep(() => layer.set(key, { text, until, marks: own, ...(shared && { shared }) }))
    else if (shared) keep(() => layer.set(key, { text, until, marks: shared }))
  }

  /** A failing layer counts as a failure and a miss. */
  async function attempt<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T | undefined> {
    try {
      return await ask()
    } catch {
      counts.failed++
      return undefined
    }
  }

  /** Runs in the background. */
  function keep(put: () => Promise<void> | void): void {
    const pending = attempt(put).then(() => void keeping.delete(pending))
    keeping.add(pending)
  }

  async function lead<T>(
    key: string,
    { ttl, tags: named = [], isWorth = () => true }: CacheOptions<T>,
    make: () => Promise<T>,
  ) {
    // read the marks before the computation starts: a drop in the meantime invalidates the result
    const standing = await standingOf(named)
    const found = standing && (await find(key, standing))
    if (found !== undefined) return { text: found, cached: true }
    const value = await make()
    counts.made++
    const text = JSON.stringify(value)
    const until = now() + Math.min(ttl, MAX_TTL_MS)
    if (standing && isWorth(value)) for (const layer of layers) put(layer, key, { text, until }, standing)
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

  async function removed(layer: CacheLayer, tag: string): Promise<readonly CacheRemoved[]> {
    const entries = await attempt(() => layer.forget?.(tag))
    return entries === undefined ? [] : [{ name: layer.name, entries }]
  }

  async function placeOf(layer: CacheLayer): Promise<CachePlace> {
    const { name } = layer
    const problem = layer.problem?.()
    const size = await attempt(() => layer.size?.())
    return { name, hits: counts[name], ...size, ...(problem !== undefined && { problem }) }
  }

  return {
    through,
    async drop(tag = ALL_TAGS) {
      await tags.drop(tag)
      await server?.drop(tag)
      return (await Promise.all(layers.map((layer) => removed(layer, tag)))).flat()
    },
    counts: () => ({ ...counts }),
    async report() {
      const { shared, made, failed } = counts
      return { places: await Promise.all(layers.map(placeOf)), shared, made, failed }
    },
    async close() {
      await Promise.all(keeping)
      for (const layer of behind) layer.close?.()
    },
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

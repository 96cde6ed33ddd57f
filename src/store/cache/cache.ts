import {
  ALL_TAGS,
  type CacheEntry,
  type CacheLayer,
  type CacheTags,
  type LayerSize,
  MAX_TTL_MS,
  sameMarks,
  type TagMarks,
} from './layer.ts'
import { memoryLayer } from './memory.ts'
import { memoryTags } from './tags.ts'

/** Results that may be taken again, of work that is asked for more than once. */
export interface Cache {
  /**
   * What is kept under the key, else what `make` comes to, which is kept then. Asked for again while it is being made, it is made once.
   * A failure is neither kept nor shared: whoever waited for it makes it; when who makes it is called off, the next one does.
   */
  through<T>(key: string, terms: CacheOptions<T>, make: () => Promise<T>): Promise<CacheResult<T>>
  /**
   * Makes every result with that tag void (absent: every result), also those that are being made; tells how many were removed where. On Redis they
   * go with their time. Rejects when it could not be noted.
   */
  drop(tag?: string): Promise<readonly CacheRemoved[]>
  counts(): CacheCounts
  /** What is kept where, and how often it was given again. */
  report(): Promise<CacheReport>
  close(): Promise<void>
}

/** How long a result is kept (ms, 30 days at most), what it can be dropped by, and who calls off waiting for it. */
export type CacheOptions<T> = {
  readonly ttl: number
  readonly tags?: readonly string[]
  readonly signal: AbortSignal
  /** whether it is to be kept; absent: it is */
  isWorth?(value: T): boolean
}
export type CacheResult<T> = { readonly value: T; readonly cached: boolean }

/**
 * How often results came from where, or were shared with who was making them; how often something was
 * made; and how often a place could neither be read nor written.
 */
export type CacheCounts = {
  readonly memory: number
  readonly redis: number
  readonly disk: number
  readonly shared: number
  readonly made: number
  readonly failed: number
}

/** A place where results are kept, the nearest first. */
export type CachePlace = Partial<LayerSize> & {
  readonly name: CacheLayer['name']
  /** how often a result came from there */
  readonly hits: number
  /** why it does not work, when it does not */
  readonly problem?: string
}

/** What is kept where, since this process began: given again from a place, shared with who was making it, made, and failures of places. */
export type CacheReport = Pick<CacheCounts, 'shared' | 'made' | 'failed'> & { readonly places: readonly CachePlace[] }

/** How many entries were removed in a place. */
export type CacheRemoved = { readonly name: CacheLayer['name']; readonly entries: number }

export type CacheLayers = {
  /** bytes */
  readonly memory: number
  /** what is behind memory, the nearest first: the server that nodes share, and what this process alone has */
  readonly behind?: readonly (CacheLayer & CacheTags & { close?(): void })[]
  now?(): number
}

/** How tags are marked: in this process, and on the server that nodes share, while it is known there. */
type Standing = { readonly own: TagMarks; readonly shared: TagMarks | undefined }

type Flight = { readonly made: Promise<string>; readonly signal: AbortSignal }

/** A cache in memory, and in what lies behind it. */
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
    // while the server is away nobody knows what others have dropped there
    return standing.shared === undefined || (shared !== undefined && sameMarks(shared, standing.shared))
  }

  function put(layer: CacheLayer, key: string, { text, until }: Omit<CacheEntry, 'marks'>, standing: Standing): void {
    const { own, shared } = standing
    if (layer !== server) keep(() => layer.set(key, { text, until, marks: own, ...(shared && { shared }) }))
    else if (shared) keep(() => layer.set(key, { text, until, marks: shared }))
  }

  /** A place that does not work is counted, and its results are made. */
  async function attempt<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T | undefined> {
    try {
      return await ask()
    } catch {
      counts.failed++
      return undefined
    }
  }

  /** Nobody waits for it. */
  function keep(put: () => Promise<void> | void): void {
    const kept = attempt(put).then(() => void keeping.delete(kept))
    keeping.add(kept)
  }

  async function lead<T>(
    key: string,
    { ttl, tags: named = [], isWorth = () => true }: CacheOptions<T>,
    make: () => Promise<T>,
  ) {
    // as they are before it is begun: what is dropped meanwhile voids it
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
    // a failure is the leader's alone
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

/** What it comes to, unless the signal is given before. */
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

import type { CacheLayers, CacheRemoved } from './cache.ts'
import { ALL_TAGS, type CacheEntry, type CacheLayer, memoryLayer, sameMarks, type TagMarks } from './layer.ts'
import type { CacheCounts, CachePlace } from './report.ts'
import { memoryTags } from './tags.ts'

/** Marks of tags: of this process, and of the shared server if it is reachable. */
type Standing = { readonly own: TagMarks; readonly shared: TagMarks | undefined }

/** The hits of each layer, and its failures. The layers count them. */
type LayerCounts = { -readonly [name in CacheLayer['name'] | 'failed']: CacheCounts[name] }

/** The layers of a cache as one. A failing layer counts as a failure and a miss. */
interface JoinedLayers {
  /** The marks of these tags now. Undefined if they are not known: then nothing is found, and nothing is stored. */
  standingOf(tags: readonly string[]): Promise<Standing | undefined>
  /** The text that the nearest layer holds. Nearer layers get it, too. */
  find(key: string, standing: Standing): Promise<string | undefined>
  /** Stores a text in all layers, in the background. */
  store(key: string, entry: Omit<CacheEntry, 'marks'>, standing: Standing): void
  drop(tag: string | undefined): Promise<readonly CacheRemoved[]>
  places(): Promise<readonly CachePlace[]>
  close(): Promise<void>
}

export function joinLayers({ memory, behind = [] }: CacheLayers, counts: LayerCounts, now: () => number): JoinedLayers {
  const layers: readonly CacheLayer[] = [memoryLayer(memory), ...behind]
  const server = behind.find(({ name }) => name === 'redis')
  const tags = behind.find(({ name }) => name !== 'redis') ?? memoryTags()
  const keeping = new Set<Promise<void>>()

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
    async standingOf(named) {
      const names = [...new Set(named)]
      const shared = server && (await attempt(() => server.marksOf(names)))
      const own = await attempt(() => tags.marksOf(names))
      return own && { own, shared }
    },
    async find(key, standing) {
      for (const [place, layer] of layers.entries()) {
        const entry = await attempt(() => layer.get(key))
        if (!entry || entry.until <= now() || !isValid(entry, layer, standing)) continue
        counts[layer.name]++
        for (const nearer of layers.slice(0, place)) put(nearer, key, entry, standing)
        return entry.text
      }
      return undefined
    },
    store(key, entry, standing) {
      for (const layer of layers) put(layer, key, entry, standing)
    },
    async drop(tag = ALL_TAGS) {
      await tags.drop(tag)
      await server?.drop(tag)
      return (await Promise.all(layers.map((layer) => removed(layer, tag)))).flat()
    },
    places: () => Promise.all(layers.map(placeOf)),
    async close() {
      await Promise.all(keeping)
      for (const layer of behind) layer.close?.()
    },
  }
}

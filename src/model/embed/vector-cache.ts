import type { Embedder } from './embedder.ts'

/** Maximum cached numbers: 16 MB. */
const MAX_CACHED_NUMBERS = 4_000_000

/** A cache of vectors by text. */
export interface VectorCache {
  /** The vectors of the texts, in their order; `embed` computes the missing ones. */
  through(texts: readonly string[], embed: EmbedMissing): Promise<Float32Array[]>
}

type EmbedMissing = (missing: readonly string[]) => Promise<readonly Float32Array[]>

type Vectors = Map<string, Float32Array>

/** A cache that embeds the first `longest` characters of a text. Concurrent requests for a text share one call. */
export function createVectorCache(longest: number): VectorCache {
  const cached: Vectors = new Map()
  const underWay = new Map<string, Promise<Vectors>>()

  const make = async (texts: readonly string[], embed: EmbedMissing): Promise<Vectors> => {
    const making = embed(texts).then((vectors) => new Map(texts.map((text, at) => [text, vectors[at]!])))
    for (const text of texts) underWay.set(text, making)
    try {
      const made = await making
      keep(cached, made)
      return made
    } finally {
      for (const text of texts) underWay.delete(text)
    }
  }

  const find = async (texts: readonly string[], embed: EmbedMissing): Promise<Vectors> => {
    const known: Vectors = new Map(texts.flatMap((text) => (cached.has(text) ? [[text, cached.get(text)!]] : [])))
    const missing = texts.filter((text) => !known.has(text))
    const others = new Set(missing.flatMap((text) => underWay.get(text) ?? []))
    const own = missing.filter((text) => !underWay.has(text))
    if (own.length > 0) add(known, await make(own, embed))
    for (const other of await Promise.allSettled(others)) if (other.status === 'fulfilled') add(known, other.value)
    // the calls of other callers failed for these texts
    const left = missing.filter((text) => !known.has(text))
    if (left.length > 0) add(known, await find(left, embed))
    return known
  }

  return {
    async through(texts, embed) {
      const short = texts.map((text) => text.slice(0, longest))
      const known = await find([...new Set(short)], embed)
      return short.map((text) => known.get(text)!)
    },
  }
}

function keep(cached: Vectors, made: Vectors): void {
  const [vector] = made.values()
  if ((cached.size + made.size) * (vector?.length ?? 0) > MAX_CACHED_NUMBERS) cached.clear()
  for (const [text, of] of made) cached.set(copyOf(text), of)
}

/** A slice of a text keeps the whole text in memory; a copy does not. */
const copyOf = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le')

function add(vectors: Vectors, more: Vectors): void {
  for (const [text, vector] of more) vectors.set(text, vector)
}

/** An embedder that embeds the first `longest` characters of a text, through a cache. */
export function cachedEmbedder(inner: Embedder, longest: number): Embedder {
  const cache = createVectorCache(longest)
  return {
    embed: (texts, signal) => cache.through(texts, (missing) => inner.embed(missing, signal)),
    close: () => inner.close(),
  }
}

import type { Embedder } from './embed.ts'

/** Numbers that are kept at most: 16 MB of them. */
const KEPT = 4_000_000

/** Vectors that are kept, so that the same text is embedded once as long as its own is. */
export interface KeptVectors {
  /** The vectors of the texts, in their order; `embed` makes those that are missing. */
  through(
    texts: readonly string[],
    embed: (missing: readonly string[]) => Promise<readonly Float32Array[]>,
  ): Promise<Float32Array[]>
}

/** Keeps vectors of texts, of each of which so many characters are looked at. */
export function keptVectors(longest: number): KeptVectors {
  const vectors = new Map<string, Float32Array>()
  return {
    async through(texts, embed) {
      const short = texts.map((text) => text.slice(0, longest))
      const missing = [...new Set(short)].filter((text) => !vectors.has(text))
      const fresh = missing.length > 0 ? await embed(missing) : []
      const made = new Map(missing.map((text, at) => [text, fresh[at]!]))
      const answer = short.map((text) => made.get(text) ?? vectors.get(text)!)
      if ((vectors.size + made.size) * (answer[0]?.length ?? 0) > KEPT) vectors.clear()
      for (const [text, vector] of made) vectors.set(text, vector)
      return answer
    },
  }
}

/** An embedder that looks at so many characters of a text, and embeds the same text once as long as its vector is kept. */
export function cachedEmbedder(inner: Embedder, longest: number): Embedder {
  const kept = keptVectors(longest)
  return {
    embed: (texts, signal) => kept.through(texts, (missing) => inner.embed(missing, signal)),
    close: () => inner.close(),
  }
}

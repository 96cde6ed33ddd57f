import type { Embedder } from './embed.ts'

/** Numbers that are kept at most: 16 MB of them. */
const KEPT = 4_000_000

/** An embedder that looks at so many characters of a text, and embeds the same text once as long as its vector is kept. */
export function cachedEmbedder(inner: Embedder, longest: number): Embedder {
  const vectors = new Map<string, Float32Array>()
  return {
    async embed(texts, signal) {
      const short = texts.map((text) => text.slice(0, longest))
      const missing = [...new Set(short)].filter((text) => !vectors.has(text))
      const fresh = missing.length > 0 ? await inner.embed(missing, signal) : []
      const made = new Map(missing.map((text, at) => [text, fresh[at]!]))
      const answer = short.map((text) => made.get(text) ?? vectors.get(text)!)
      if ((vectors.size + made.size) * (answer[0]?.length ?? 0) > KEPT) vectors.clear()
      for (const [text, vector] of made) vectors.set(text, vector)
      return answer
    },
    close: () => inner.close(),
  }
}

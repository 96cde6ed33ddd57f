import type { Embedder } from '../../src/model/embed/embedder.ts'
import type { Encoder } from '../../src/model/embed/encoder.ts'

/** An encoder that reads each text once, since several methods need the same vectors. */
export function encoderOf(embedder: Embedder, model: string): Encoder {
  const known = new Map<string, Float32Array>()
  const { understands } = embedder
  return {
    model,
    ...(understands && { understands: (text: string) => understands(text) }),
    async encode(texts) {
      const missing = [...new Set(texts.filter((text) => !known.has(text)))]
      const vectors = missing.length === 0 ? [] : await embedder.embed(missing)
      for (const [place, text] of missing.entries()) known.set(text, vectors[place]!)
      return texts.map((text) => known.get(text)!)
    },
  }
}

/** One record of the bench: a text of about 60 words, and a vector of length one. */
export type BenchRecord = { readonly text: string; readonly vector: Float32Array }

export const DIMENSIONS = 512
const CLUSTERS = 500
const VOCABULARY = 20_000
const WORDS = 60

/** Numbers from 0 to 1 that follow from a seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Records and queries by seed: vectors lie in clusters, and words are as frequent as in a language. */
export function createData(seed: number) {
  const random = randomFrom(seed)
  const gauss = () => random() + random() + random() + random() + random() + random() - 3
  const centres = Array.from({ length: CLUSTERS }, () => Float32Array.from({ length: DIMENSIONS }, gauss))
  const vector = () => {
    const centre = centres[Math.floor(random() * CLUSTERS)]!
    const near = centre.map((value) => value + 0.8 * gauss())
    const length = Math.hypot(...near)
    return near.map((value) => value / length)
  }
  // a Zipf distribution: the first words are in almost every text
  const word = () => `w${Math.floor(VOCABULARY ** random())}`
  const words = (count: number) => Array.from({ length: count }, word).join(' ')
  let made = 0
  return {
    record: (): BenchRecord => ({ text: `${words(WORDS)} n${made++}`, vector: vector() }),
    query: (): BenchRecord => ({ text: words(4), vector: vector() }),
  }
}

/** Choices from a seed: the same seed gives the same choices. */
export interface SeededRandom {
  /** A whole number from 0 to `bound`, exclusive. */
  below(bound: number): number
  chance(probability: number): boolean
  /** One of the items; there must be at least one. */
  pick<const Item>(items: readonly Item[]): Item
}

/** Mulberry32: small, fast, and good enough to pick tasks. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number) => Math.floor(next() * bound)
  return { below, chance: (probability) => next() < probability, pick: (items) => items[below(items.length)]! }
}

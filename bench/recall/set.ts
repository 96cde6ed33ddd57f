import type { ExportedRecord } from '../../src/memory/transfer/line.ts'

/** A memory with questions: one owner of the seeded suite, or one conversation of a public set. */
export type RecallSet = {
  readonly owner: string
  readonly records: readonly (ExportedRecord & { readonly id: string; readonly learnedAt: number })[]
  /** the unit that counts as found with a record, such as a message or a session; absent: the record itself */
  readonly unitOf?: (id: string) => string
  readonly questions: readonly RecallQuestion[]
}

export type RecallQuestion = {
  readonly ability: string
  readonly text: string
  readonly asOf?: number
  /** the units that answer; none: the memory cannot answer it */
  readonly gold: readonly string[]
  /** records that are no longer true at that time */
  readonly stale?: readonly string[]
}

/** A generator of numbers from 0 to 1, the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The items in a random order. */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const left = [...items]
  return items.map(() => left.splice(Math.floor(random() * left.length), 1)[0]!)
}

import type { NotedReads } from './store/upkeep/access.ts'

/** Counts the reads of records, and writes them down together. They say which records are used. */
export interface ReadCounts {
  note(owner: string, ids: readonly string[]): void
  /** Stores reads that are not stored yet. */
  flush(): Promise<void>
}

/** ms until reads are written down. */
const GATHERED_MS = 1_000
/** Records whose reads are gathered. More are not counted until these are written. */
const MAX_GATHERED = 10_000

/** `write` notes the reads of an owner, and `after` calls back after a delay in ms. */
export function createReadCounts(
  write: (owner: string, noted: NotedReads) => Promise<unknown>,
  { now, after }: { now(): number; after(delay: number, callback: () => void): () => void },
): ReadCounts {
  let gathered = new Map<string, Map<string, number>>()
  let size = 0
  let off: (() => void) | undefined

  async function flush(): Promise<void> {
    off?.()
    off = undefined
    const noted = gathered
    gathered = new Map()
    size = 0
    for (const [owner, counts] of noted) await write(owner, { reads: [...counts], at: now() })
  }

  return {
    note(owner, ids) {
      const counts = gathered.get(owner) ?? new Map<string, number>()
      gathered.set(owner, counts)
      for (const id of ids) {
        if (size >= MAX_GATHERED && !counts.has(id)) continue
        if (!counts.has(id)) size++
        counts.set(id, (counts.get(id) ?? 0) + 1)
      }
      // a count that is lost changes no result
      off ??= after(GATHERED_MS, () => void flush().catch(() => {}))
    },
    flush,
  }
}

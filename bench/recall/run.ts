import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryOf } from '../../src/memory/open-memory.ts'
import { openMemoryStore } from '../../src/memory/store/open-store.ts'
import { type Answer, askAll, type Search, store } from './measure.ts'
import type { Measured } from './report.ts'
import type { RecallSet } from './set.ts'

type Running = {
  /** the time of the questions, ms since the epoch */
  readonly now: number
  /** also asks everything with all records in the tier long */
  readonly long?: boolean
  tell?(line: string): void
}

/** Asks each method all questions, in memories of a folder of its own. */
export async function runRecall(
  sets: readonly RecallSet[],
  { now, long = false, tell = () => {} }: Running,
): Promise<{ readonly measured: readonly Measured[]; readonly inLong: readonly Answer[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-recall-'))
  const memories = openMemoryStore(join(folder, 'memory.db'))
  const open = (owner: string) => memoryOf(memories, owner, () => now)
  try {
    const words: Answer[] = []
    const inLong: Answer[] = []
    for (const set of sets) {
      tell(`storing ${set.owner}`)
      await store(open(set.owner), set)
      if (long) await store(open(`${set.owner} long`), set, { tier: 'long' })
    }
    for (const set of sets) {
      tell(`asking ${set.owner}`)
      words.push(...(await askAll(set, byWords(open(set.owner)))))
      if (long) inLong.push(...(await askAll(set, byWords(open(`${set.owner} long`)))))
    }
    return { measured: [{ method: 'words', answers: words }], inLong }
  } finally {
    await memories.close()
    rmSync(folder, { recursive: true })
  }
}

const byWords =
  (memory: ReturnType<typeof memoryOf>): Search =>
  async ({ text, asOf }, limit) =>
    (await memory.search({ text, limit, ...(asOf !== undefined && { asOf }) })).records

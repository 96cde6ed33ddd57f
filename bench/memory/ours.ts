import { ownerCalls } from '../../src/memory/duties/calls.ts'
import { memoryOf } from '../../src/memory/open-memory.ts'
import { openMemoryStore } from '../../src/memory/store/open-store.ts'
import type { UnreadRecord } from '../../src/memory/store/search/vectors.ts'
import type { BenchRecord } from './data.ts'

const MODEL = 'bench/synthetic'
/** Texts of a task of the embedding duty. */
const TASK = 16

/** The memory, with vectors that are given instead of made. */
export function openOurs(path: string) {
  const store = openMemoryStore(path)
  const calls = ownerCalls(store, Date.now)
  const vectors = new Map<string, Float32Array>()
  return {
    async add(owner: string, records: readonly BenchRecord[]): Promise<void> {
      for (const { text, vector } of records) vectors.set(text, vector)
      await memoryOf(store, owner, Date.now).add(records.map(({ text }) => ({ text })))
    },
    /** Keeps the vectors of all records that wait for one, as the embedding duty does. */
    async embed(owner: string): Promise<void> {
      for (;;) {
        const unread = (await calls.read(owner, 'unread', { model: MODEL, limit: TASK })) as readonly UnreadRecord[]
        const records = unread.map(({ rid, version, text }) => ({ rid, version, vector: vectors.get(text)! }))
        if (records.length > 0) await calls.write(owner, 'keepVectors', { model: MODEL, records })
        for (const { text } of unread) vectors.delete(text)
        if (unread.length < TASK) return
      }
    },
    async search(owner: string, text: string, vector?: Float32Array): Promise<readonly string[]> {
      const query = { text, ...(vector && { model: MODEL, vector }) }
      const found = (await calls.read(owner, 'search', query)) as {
        readonly records: readonly { readonly text: string }[]
      }
      return found.records.map((record) => record.text)
    },
    close: () => store.close(),
  }
}

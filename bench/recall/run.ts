import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownerCalls } from '../../src/memory/duties/calls.ts'
import { createEmbedding } from '../../src/memory/embedding/embedding.ts'
import type { OwnerMemory } from '../../src/memory/memory.ts'
import { memoryOf } from '../../src/memory/open-memory.ts'
import { openMemoryStore } from '../../src/memory/store/open-store.ts'
import type { Encoder } from '../../src/model/embed/encoder.ts'
import { type Answer, askAll, type Search, store } from './measure.ts'
import type { Measured } from './report.ts'
import type { RecallSet } from './set.ts'

type Running = {
  /** the time of the questions, ms since the epoch */
  readonly now: number
  /** absent: words alone */
  readonly encoder?: Encoder | undefined
  /** also asks everything with all records in the tier long */
  readonly long?: boolean
  tell?(line: string): void
  onAnswers?(method: string, set: RecallSet, answers: readonly Answer[]): void
}

/** Asks each method all questions, in memories of a folder of its own. */
export async function runRecall(
  sets: readonly RecallSet[],
  { now, encoder, long = false, tell = () => {}, onAnswers }: Running,
): Promise<{ readonly measured: readonly Measured[]; readonly inLong: readonly Answer[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-recall-'))
  const memories = openMemoryStore(join(folder, 'memory.db'))
  const embedding =
    encoder &&
    createEmbedding(
      ownerCalls(memories, () => now),
      encoder,
    )
  const open = (owner: string) => memoryOf(memories, owner, () => now)
  const answers = new Map<string, Answer[]>()
  const ask = async (method: string, set: RecallSet, search: Search) => {
    tell(`${method}: ${set.owner}`)
    const own = answers.get(method) ?? []
    answers.set(method, own)
    const found = await askAll(set, search)
    own.push(...found)
    onAnswers?.(method, set, found)
  }
  try {
    // all owners are there before anything is asked
    for (const set of sets) {
      tell(`storing ${set.owner}`)
      await store(open(set.owner), set)
      if (long) await store(open(`${set.owner} long`), set, { tier: 'long' })
      const { signal } = new AbortController()
      while (embedding && (await embedding.readSome(set.owner, signal)).next !== undefined);
    }
    embedding?.begin()
    for (const set of sets) {
      await ask('words', set, searchIn(open(set.owner)))
      if (long) await ask(LONG, set, searchIn(open(`${set.owner} long`)))
      if (!encoder || !embedding) continue
      await ask('vectors', set, await exactScan(open(set.owner), set, encoder))
      await ask('words and meaning', set, searchIn(memoryOf(memories, set.owner, () => now, { embedding })))
    }
    const measured = [...answers].map(([method, own]) => ({ method, answers: own }))
    return { measured: measured.filter(({ method }) => method !== LONG), inLong: answers.get(LONG) ?? [] }
  } finally {
    await memories.close()
    rmSync(folder, { recursive: true })
  }
}

const LONG = 'words, all in the tier long'

const searchIn =
  (memory: OwnerMemory): Search =>
  async ({ text, asOf }, limit) =>
    (await memory.search({ text, limit, ...(asOf !== undefined && { asOf }) })).records

/** Vectors only: an exact scan over the records that hold at the time of the question. */
async function exactScan(memory: OwnerMemory, { records }: RecallSet, encoder: Encoder): Promise<Search> {
  const call = { owner: 'bench', priority: 'low', signal: new AbortController().signal } as const
  const vectors = new Map<string, Float32Array>()
  for (const { id, subject, text } of records) {
    const [vector] = await encoder.encode([subject === undefined ? text : `${subject}: ${text}`], call)
    if (vector && encoder.understands?.(text) !== false) vectors.set(id, vector)
  }
  const holding = new Map<number | undefined, readonly string[]>()
  return async ({ text, asOf }, limit) => {
    const ids =
      holding.get(asOf) ??
      (await memory.list({ limit: records.length, ...(asOf !== undefined && { asOf }) })).map(({ id }) => id)
    holding.set(asOf, ids)
    const [query] = await encoder.encode([text], call)
    const scored = ids.flatMap((id) => {
      const vector = vectors.get(id)
      return vector ? [{ id, score: vector.reduce((sum, value, place) => sum + value * query![place]!, 0) }] : []
    })
    return scored.sort((a, b) => b.score - a.score).slice(0, limit)
  }
}

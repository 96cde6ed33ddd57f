import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ownerCalls } from '../../src/memory/duties/calls.ts'
import { createEmbedding } from '../../src/memory/embedding/embedding.ts'
import { memoryOf } from '../../src/memory/open-memory.ts'
import { openMemoryStore } from '../../src/memory/store/open-store.ts'
import type { Encoder } from '../../src/model/embed/encoder.ts'
import type { WebSettings } from '../../src/web/policy.ts'
import { servicesOf } from './services.ts'

/** A memory file in a folder of its own, with a clock that the test sets. */
export function openFile(encoder?: Encoder, web: WebSettings = {}, elapsed?: () => number) {
  const folder = mkdtempSync(join(tmpdir(), 'memory-'))
  const path = join(folder, 'memory.db')
  let store = openMemoryStore(path, elapsed)
  const clock = { now: 1_000 }
  const calls = () => ownerCalls(store, () => clock.now)
  const embed = (by = encoder) => by && createEmbedding(calls(), by)
  let embedding = embed()
  onTestFinished(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  return {
    folder,
    path,
    clock,
    memory: (owner = 'ada') =>
      memoryOf(store, owner, () => clock.now, { ...servicesOf(web), ...(embedding && { embedding }) }),
    /** the calls of duties */
    calls,
    embedding: () => embedding!,
    close: () => store.close(),
    async reopen(by = encoder) {
      await store.close()
      store = openMemoryStore(path, elapsed)
      embedding = embed(by)
    },
  }
}

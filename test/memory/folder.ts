import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ownerCalls } from '../../src/memory/duties/calls.ts'
import { memoryOf } from '../../src/memory/open-memory.ts'
import { openMemoryStore } from '../../src/memory/store/open-store.ts'

/** A memory file in a folder of its own, with a clock that the test sets. */
export function openFile() {
  const folder = mkdtempSync(join(tmpdir(), 'memory-'))
  const path = join(folder, 'memory.db')
  let store = openMemoryStore(path)
  const clock = { now: 1_000 }
  onTestFinished(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  return {
    folder,
    path,
    clock,
    memory: (owner = 'ada') => memoryOf(store, owner, () => clock.now),
    /** the calls of duties */
    calls: () => ownerCalls(store, () => clock.now),
    close: () => store.close(),
    async reopen() {
      await store.close()
      store = openMemoryStore(path)
    },
  }
}

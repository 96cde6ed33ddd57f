import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ownerCalls } from '../../../src/memory/duties/calls.ts'
import { memoryOf } from '../../../src/memory/open-memory.ts'
import { openMemoryStore } from '../../../src/memory/store/open-store.ts'
import { startLibsqlServer } from './libsql-server.ts'

export const TOKEN = 'ey-secret-token'

/** A libSQL server, and nodes that share its memories and a clock. */
export async function openServer({ nodes = 1, token = TOKEN } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'memory-'))
  const server = await startLibsqlServer(join(folder, 'server.db'), TOKEN)
  const clock = { now: 1_000 }
  const openNode = () => openMemoryStore({ url: server.url, token: async () => token })
  const stores = Array.from({ length: nodes }, openNode)
  const close = async () => {
    for (const store of stores) await store.close()
  }
  onTestFinished(async () => {
    await close()
    await server.close()
    rmSync(folder, { recursive: true })
  })
  return {
    ...server,
    clock,
    close,
    memory: (owner = 'ada', node = 0) => memoryOf(stores[node]!, owner, () => clock.now),
    calls: () => ownerCalls(stores[0]!, () => clock.now),
    async reopen() {
      await stores[0]!.close()
      stores[0] = openNode()
    },
  }
}

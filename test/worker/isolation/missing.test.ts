import { expect, it, vi } from 'vitest'
import { PACKAGES } from '../../../src/lib/package/packages.ts'
import { threadWorker } from '../../../src/worker/isolation/thread.ts'
import { createPool } from '../../../src/worker/pool/pool.ts'
import { never } from '../held.ts'

it('a thread without its package says how to get the one that this version knows, and its pool closes', async () => {
  vi.doMock('piscina', () => {
    throw new Error('Cannot find package')
  })
  const thread = threadWorker({ id: 'thread', file: new URL('./deeds.ts', import.meta.url) })
  const pool = createPool({ id: 'code_action_pool', workers: [thread], queue: 1 })
  const call = pool.submit({ signal: never, run: (signal, worker) => worker.call!('double', 1, signal) })
  await expect(call).rejects.toMatchObject({
    code: 'peer_missing',
    hint: `npm install "piscina@${PACKAGES.piscina}"`,
  })
  await pool.close()
})

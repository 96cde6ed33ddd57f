import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { openRedis } from '../../src/store/redis.ts'

const { peerDependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

test('without its package says how to get the one that this version knows', async () => {
  vi.doMock('@redis/client', () => {
    throw new Error('Cannot find package')
  })
  await expect(openRedis({ url: 'redis://127.0.0.1:9' })).rejects.toMatchObject({
    code: 'peer_missing',
    hint: `npm install "@redis/client@${peerDependencies['@redis/client']}"`,
  })
})

import { expect, test, vi } from 'vitest'
import { PACKAGES } from '../../src/lib/package/packages.ts'
import { openRedis } from '../../src/store/redis.ts'

test('without its package says how to get the one that this version knows', async () => {
  vi.doMock('@redis/client', () => {
    throw new Error('Cannot find package')
  })
  await expect(openRedis({ url: 'redis://127.0.0.1:9' })).rejects.toMatchObject({
    code: 'peer_missing',
    hint: `npm install "@redis/client@${PACKAGES['@redis/client']}"`,
  })
})

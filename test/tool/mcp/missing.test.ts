import { afterAll, expect, it, vi } from 'vitest'
import { PACKAGES } from '../../../src/lib/package/packages.ts'
import { FIXTURE, openServer, stdio } from './bench.ts'

afterAll(() => vi.doUnmock('@modelcontextprotocol/client'))

it('a server without the package of the client says how to get the one that this version knows', async () => {
  vi.doMock('@modelcontextprotocol/client', () => {
    throw new Error('Cannot find package')
  })
  const { call } = openServer(stdio(FIXTURE))
  await expect(call('note', { line: 'ebb' })).rejects.toMatchObject({
    code: 'peer_missing',
    hint: `npm install "@modelcontextprotocol/client@${PACKAGES['@modelcontextprotocol/client']}"`,
  })
})

import { afterAll, expect, it, vi } from 'vitest'
import { PACKAGES } from '../../../src/lib/package/packages.ts'
import { post } from '../bench.ts'
import { openMcp } from './bench.ts'

afterAll(() => vi.doUnmock('@modelcontextprotocol/server'))

it('without the package of the server, /mcp says how to get the one that this version knows', async () => {
  vi.doMock('@modelcontextprotocol/server', () => {
    throw new Error('Cannot find package')
  })
  const { url, key } = await openMcp()
  const response = await fetch(url, post('{}', { authorization: `Bearer ${await key()}` }))
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({
    code: 'peer_missing',
    hint: `npm install "@modelcontextprotocol/server@${PACKAGES['@modelcontextprotocol/server']}"`,
  })
})

import { once } from 'node:events'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { reachNode } from '../../../../src/engine/restate/admin/releases.ts'

/** An address behind which the nodes that have the release come after so many that have not. */
async function openAddress(others: number): Promise<string> {
  let asked = 0
  const server = createServer((request, response) => {
    const status = request.url === '/r1/health' && ++asked > others ? 200 : 503
    response.writeHead(status).end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/r1`
}

it('a release is found behind an address that others share', async () => {
  expect(await reachNode(await openAddress(0))).toEqual({ answers: true })
  expect(await reachNode(await openAddress(5))).toEqual({ answers: true })
})

it('it reports that only other nodes answer', async () => {
  expect(await reachNode(await openAddress(100))).toEqual({
    answers: false,
    why: 'nodes of another release answer there',
  })
})

it('it reports why no node answers', async () => {
  expect(await reachNode('http://127.0.0.1:9/r1')).toEqual({
    answers: false,
    why: expect.stringContaining('ECONNREFUSED'),
  })
})

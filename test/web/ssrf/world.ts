import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Resolve } from '../../../src/web/connect.ts'
import { createWeb } from '../../../src/web/request.ts'
import { startServer } from '../server.ts'
import { ANSWERS } from './spellings.ts'

/**
 * A closed server at every address of this machine but one, which counts its connections, and an open one at 127.0.0.2. Both ports are open in the
 * settings, so that only the rules of addresses keep requests from the closed server.
 */
export async function openWorld() {
  let touched = 0
  const closed = createServer((_, response) => response.end('secret')).on('connection', () => touched++)
  await new Promise<void>((resolve, reject) => {
    // without IPv6 there are only the addresses of IPv4
    closed.once('error', () => closed.listen(0, '0.0.0.0').once('error', reject))
    closed.once('listening', resolve).listen(0, '::')
  })
  onTestFinished(() => {
    closed.closeAllConnections()
    closed.close()
  })
  const { port } = closed.address() as AddressInfo
  const open = await startServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x')
    const to = searchParams.get('to') ?? ''
    const [, way] = pathname.split('/')
    const status = Number(way)
    if (status > 0) return response.writeHead(status, { location: to.replaceAll(/[^ -~]/gu, encodeURIComponent) }).end()
    const [type, body] = way === 'results' ? ['application/json', resultsOf(to)] : ['text/html', PAGE]
    response.writeHead(200, { 'content-type': type }).end(body)
  }, '127.0.0.2')
  const settings = { allow: ['127.0.0.2'], ports: [port, open.port] }
  return { port, open, settings, web: webWith(settings), touched: () => touched }
}

const PAGE = `<title>open</title><p>${'The tide turns. '.repeat(20)}</p>`
const resultsOf = (url: string) => JSON.stringify({ results: [{ title: 'closed', url, content: 'secret' }] })

function webWith(settings: Parameters<typeof createWeb>[0]) {
  const web = createWeb(settings, nameServer())
  onTestFinished(() => web.close())
  return web
}

/** A name server; `rebound.test` answers the open address once, and then the closed one. */
function nameServer(): Resolve {
  let asked = 0
  return async (host) => {
    const addresses =
      host === 'rebound.test' ? [asked++ === 0 ? '127.0.0.2' : '127.0.0.1'] : ANSWERS[host.toLowerCase()]
    return (addresses ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
}

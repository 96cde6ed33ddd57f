import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { visitPage } from '../../../src/tool/chromium/visit.ts'
import { createWeb } from '../../../src/web/request.ts'

// visits a page of a server in this process, which loads a part and asks a closed port, and tells what came of it
const seen: string[] = []
const server = createServer(({ url = '' }, response) => {
  seen.push(url)
  response.setHeader('content-type', 'text/html')
  const closed = 'fetch("http://127.0.0.1:1/").catch(() => document.title = "closed")'
  response.end(`<p>read</p><img src="/part"><script>${closed}</script>`)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve))
const { port } = server.address() as AddressInfo
const web = createWeb({ allow: ['127.0.0.2'], ports: [port] })
const url = `http://127.0.0.2:${port}/page`
const { sandbox, status, title } = await visitPage(web, { url, timeout: 60_000, signal: new AbortController().signal })
console.log(JSON.stringify({ uid: process.getuid?.(), sandbox, status, title, seen: seen.sort() }))
await web.close()
server.closeAllConnections()
server.close()

import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { visitPage } from '../../../src/tool/chromium/visit.ts'
import { createWeb } from '../../../src/web/request.ts'

// visits a page of a server in this process, which loads a part, goes through a tunnel and asks a closed port, and tells what came of it
const seen: string[] = []
const secure = createTcpServer((socket) => {
  seen.push('tunnel')
  socket.destroy()
})
await new Promise<void>((resolve) => secure.listen(0, '127.0.0.2', resolve))
const server = createServer(({ url = '' }, response) => {
  seen.push(url)
  response.setHeader('content-type', 'text/html')
  const closed = 'fetch("http://127.0.0.1:1/").catch(() => document.title = "closed")'
  const tunnel = `<img src="https://127.0.0.2:${portOf(secure)}/">`
  response.end(`<p>read</p><img src="/part">${tunnel}<script>${closed}</script>`)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve))
const portOf = (one: Pick<typeof secure, 'address'>) => (one.address() as AddressInfo).port
const web = createWeb({ allow: ['127.0.0.2'], ports: [portOf(server), portOf(secure)] })
const url = `http://127.0.0.2:${portOf(server)}/page`
const { sandbox, status, title } = await visitPage(web, { url, timeout: 60_000, signal: new AbortController().signal })
console.log(JSON.stringify({ uid: process.getuid?.(), sandbox, status, title, seen: seen.sort() }))
await web.close()
server.closeAllConnections()
server.close()
secure.close()

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A registry of npm on loopback with one package; it has nothing else. */
export async function serveRegistry(name: string, version: string, tarball: string) {
  const bytes = readFileSync(tarball)
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost')
    asked.push(pathname)
    if (pathname === `/${name}/-/${version}.tgz`) return response.end(bytes)
    if (pathname !== `/${name}`) return response.writeHead(404).end('{}')
    const { port } = server.address() as AddressInfo
    const dist = {
      tarball: `http://127.0.0.1:${port}/${name}/-/${version}.tgz`,
      integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
    }
    const manifest = { name, version, dist, bin: { [name]: 'bin.js' } }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions: { [version]: manifest } }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, asked, close: () => server.close() }
}

import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createFilteringProxy } from '../../src/web/filtering-proxy.ts'
import { createWeb } from '../../src/web/request.ts'
import { startServer } from './server.ts'

async function world({ maxBytes = 100_000, proxied = false } = {}) {
  const server = await startServer(({ url }, response) => response.setHeader('x-is', 'here').end(url))
  const upstream = createFilteringProxy(createWeb({ allow: ['127.0.0.1'], ports: [server.port] }), maxBytes)
  const web = createWeb({
    allow: ['127.0.0.1'],
    ports: [server.port],
    ...(proxied && { proxy: await upstream.listen() }),
  })
  const proxy = createFilteringProxy(web, maxBytes)
  const { port } = new URL(await proxy.listen())
  onTestFinished(async () => {
    await proxy.close()
    await upstream.close()
    await web.close()
  })
  return { ...server, proxy, proxyPort: Number(port) }
}

const getThrough = (port: number, path: string, headers = {}) =>
  new Promise<{ status: number; body: string; is: unknown }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers }, async (response) => {
      const chunks = await response.toArray().catch(() => [])
      resolve({ status: response.statusCode!, body: Buffer.concat(chunks).toString(), is: response.headers['x-is'] })
    })
    sent.on('error', reject).end()
  })

const tunnelThrough = (port: number, target: string) =>
  new Promise<{ status: number; socket: Socket }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method: 'CONNECT', path: target })
    sent.on('connect', ({ statusCode }, socket: Socket) => resolve({ status: statusCode!, socket }))
    sent.on('error', reject).end()
  })

test.each([false, true])('leads requests and tunnels to open servers; behind another proxy: %s', async (proxied) => {
  const { url, port, seen, proxyPort } = await world({ proxied })
  const headers = { 'proxy-authorization': 'Basic x', 'x-mine': 'kept' }
  expect(await getThrough(proxyPort, `${url}/a?b=c`, headers)).toEqual({ status: 200, body: '/a?b=c', is: 'here' })
  expect(seen[0]!.headers).toMatchObject({ host: `127.0.0.1:${port}`, 'x-mine': 'kept' })
  expect(seen[0]!.headers).not.toHaveProperty('proxy-authorization')
  const { status, socket } = await tunnelThrough(proxyPort, `127.0.0.1:${port}`)
  expect(status).toBe(200)
  socket.write('GET /t HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  expect(Buffer.concat(await socket.toArray()).toString()).toMatch(/^HTTP\/1.1 200[\s\S]*\/t$/)
})

test.each(['http://127.0.0.2/', 'http://127.0.0.1:81/', 'ftp://127.0.0.1/', 'http://user:word@127.0.0.1/', '/path'])(
  'refuses a request to %s, and says why',
  async (target) => {
    const { proxy, proxyPort } = await world()
    expect(await getThrough(proxyPort, target)).toMatchObject({ status: 403, body: '' })
    if (/127.0.0.[12][:/]/.test(target) && target.startsWith('http://127'))
      expect(proxy.failureOf(new URL(target))).toMatchObject({ code: 'address_refused' })
  },
)

test.each(['127.0.0.2:80', '0x7f.2:80', '[::1]:80', '127.0.0.1:22', 'x@127.0.0.1:80', '', '../:80'])(
  'refuses a tunnel to %j',
  async (target) => {
    const { proxyPort } = await world()
    expect((await tunnelThrough(proxyPort, target)).status).toBe(403)
  },
)

test('two proxies and plain requests make no more than four requests to a host at once', async () => {
  let [active, most] = [0, 0]
  const { port, url } = await startServer((_, response) => {
    most = Math.max(most, ++active)
    setTimeout(() => {
      active--
      response.end()
    }, 20)
  })
  const web = createWeb({ allow: ['127.0.0.1'], ports: [port] })
  const proxies = [createFilteringProxy(web, 100_000), createFilteringProxy(web, 100_000)]
  onTestFinished(async () => {
    for (const proxy of proxies) await proxy.close()
    await web.close()
  })
  const ports = await Promise.all(proxies.map(async (proxy) => Number(new URL(await proxy.listen()).port)))
  const ways = [() => web.request({ url }), ...ports.map((one) => () => getThrough(one, url))]
  await Promise.all(Array.from({ length: 6 }, () => ways.map((send) => send())).flat())
  expect(most).toBe(4)
})

test('closes all connections once the responses are larger than the bound', async () => {
  const { url, port, proxy, proxyPort } = await world({ maxBytes: 1000 })
  const { socket } = await tunnelThrough(proxyPort, `127.0.0.1:${port}`)
  const closed = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve))
  await getThrough(proxyPort, `${url}/${'x'.repeat(2000)}`).catch(() => {})
  await closed
  expect(proxy.exceeded()).toMatchObject({ code: 'response_too_large' })
  await expect(getThrough(proxyPort, url)).rejects.toThrow()
})

test('survives what is no request', async () => {
  const { url, proxyPort } = await world()
  for (const text of ['\0\0\0', 'CONNECT\r\n\r\n', 'GET http://\r\n\r\n'])
    await new Promise((resolve) =>
      connect(proxyPort, '127.0.0.1')
        .on('error', () => {})
        .on('close', resolve)
        .resume()
        .end(text),
    )
  expect((await getThrough(proxyPort, url)).status).toBe(200)
})

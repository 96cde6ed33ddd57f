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
  const through = await proxy.listen()
  onTestFinished(async () => {
    await proxy.close()
    await upstream.close()
    await web.close()
  })
  return { ...server, proxy, through }
}

/** The port of a proxy, and the header for its login; without a login in the URL, none. */
function proxyAt(url: string) {
  const { port, username, password } = new URL(url)
  const login = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  return { port: Number(port), headers: username === '' ? {} : { 'proxy-authorization': login } }
}

const getThrough = (proxy: string, path: string, more = {}) =>
  new Promise<{ status: number; body: string; is: unknown }>((resolve, reject) => {
    const { port, headers } = proxyAt(proxy)
    const sent = request({ host: '127.0.0.1', port, path, headers: { ...headers, ...more } }, async (response) => {
      const chunks = await response.toArray().catch(() => [])
      resolve({ status: response.statusCode!, body: Buffer.concat(chunks).toString(), is: response.headers['x-is'] })
    })
    sent.on('error', reject).end()
  })

const tunnelThrough = (proxy: string, target: string) =>
  new Promise<{ status: number; socket: Socket }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', ...proxyAt(proxy), method: 'CONNECT', path: target })
    sent.on('connect', ({ statusCode }, socket: Socket) => resolve({ status: statusCode!, socket }))
    sent.on('error', reject).end()
  })

test.each([false, true])('leads requests and tunnels to open servers; behind another proxy: %s', async (proxied) => {
  const { url, port, seen, through } = await world({ proxied })
  expect(await getThrough(through, `${url}/a?b=c`, { 'x-mine': 'kept' })).toEqual({
    status: 200,
    body: '/a?b=c',
    is: 'here',
  })
  expect(seen[0]!.headers).toMatchObject({ host: `127.0.0.1:${port}`, 'x-mine': 'kept' })
  expect(seen[0]!.headers).not.toHaveProperty('proxy-authorization')
  const { status, socket } = await tunnelThrough(through, `127.0.0.1:${port}`)
  expect(status).toBe(200)
  socket.write('GET /t HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  expect(Buffer.concat(await socket.toArray()).toString()).toMatch(/^HTTP\/1.1 200[\s\S]*\/t$/)
})

test.each(['', 'antiphon:@', 'antiphon:other@', 'other:PASSWORD@'])(
  'answers nobody with the login %j',
  async (login) => {
    const { url, port, seen, through } = await world()
    const { host, password } = new URL(through)
    const stranger = `http://${login.replace('PASSWORD', password)}${host}`
    expect((await getThrough(stranger, url)).status).toBe(407)
    expect((await tunnelThrough(stranger, `127.0.0.1:${port}`)).status).toBe(407)
    expect(seen).toEqual([])
  },
)

test.each(['http://127.0.0.2/', 'http://127.0.0.1:81/', 'ftp://127.0.0.1/', 'http://user:word@127.0.0.1/', '/path'])(
  'refuses a request to %s, and says why',
  async (target) => {
    const { proxy, through } = await world()
    expect(await getThrough(through, target)).toMatchObject({ status: 403, body: '' })
    if (/127.0.0.[12][:/]/.test(target) && target.startsWith('http://127'))
      expect(proxy.failureOf(new URL(target))).toMatchObject({ code: 'address_refused' })
  },
)

test.each(['127.0.0.2:80', '0x7f.2:80', '[::1]:80', '127.0.0.1:22', 'x@127.0.0.1:80', '', '../:80'])(
  'refuses a tunnel to %j',
  async (target) => {
    const { through } = await world()
    expect((await tunnelThrough(through, target)).status).toBe(403)
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
  const urls = await Promise.all(proxies.map((proxy) => proxy.listen()))
  const ways = [() => web.request({ url }), ...urls.map((through) => () => getThrough(through, url))]
  await Promise.all(Array.from({ length: 6 }, () => ways.map((send) => send())).flat())
  expect(most).toBe(4)
})

test('closes all connections once the responses are larger than the bound', async () => {
  const { url, port, proxy, through } = await world({ maxBytes: 1000 })
  const { socket } = await tunnelThrough(through, `127.0.0.1:${port}`)
  const closed = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve))
  await getThrough(through, `${url}/${'x'.repeat(2000)}`).catch(() => {})
  await closed
  expect(proxy.exceeded()).toMatchObject({ code: 'response_too_large' })
  await expect(getThrough(through, url)).rejects.toThrow()
})

test('survives an invalid request', async () => {
  const { url, through } = await world()
  for (const text of ['\0\0\0', 'CONNECT\r\n\r\n', 'GET http://\r\n\r\n'])
    await new Promise((resolve) =>
      connect(proxyAt(through).port, '127.0.0.1')
        .on('error', () => {})
        .on('close', resolve)
        .resume()
        .end(text),
    )
  expect((await getThrough(through, url)).status).toBe(200)
})

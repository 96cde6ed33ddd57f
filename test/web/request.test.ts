import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Resolve } from '../../src/web/connect.ts'
import type { WebSettings } from '../../src/web/policy.ts'
import { createWeb } from '../../src/web/request.ts'
import { startServer } from './server.ts'

function open(settings: WebSettings = {}, resolve?: Resolve) {
  const web = createWeb(settings, resolve)
  onTestFinished(() => web.close())
  return web
}

const textOf = ({ body }: { readonly body: Uint8Array }) => Buffer.from(body).toString()
const refused = (message = /./) =>
  expect.objectContaining({ code: 'address_refused', terminal: true, message: expect.stringMatching(message) })

describe('an address that is not public', () => {
  const spellings = [
    ...[
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '0x7f.1',
      '127.0.0.1.',
      'localhost',
      'LOCALHOST.',
    ],
    ...[
      '①②⑦.⓪.⓪.①',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      '0.0.0.0',
      '[::]',
    ],
  ]

  test.each(spellings)('is refused as %s, and the server sees nothing', async (host) => {
    const { seen, port } = await startServer((_, response) => response.end('secret'))
    const web = open({ ports: [port] })
    await expect(web.request({ url: `http://${host}:${port}/` })).rejects.toEqual(refused())
    expect(seen).toEqual([])
  })

  test.each([[['127.0.0.1']], [['93.184.215.14', '127.0.0.1']], [['::ffff:127.0.0.1']]])(
    'is refused where a name leads to %j',
    async (addresses) => {
      const { seen, port } = await startServer((_, response) => response.end('secret'))
      const resolve: Resolve = async () =>
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      const web = open({ ports: [port] }, resolve)
      await expect(web.request({ url: `http://public.example:${port}/` })).rejects.toEqual(
        refused(/public\.example is .*loopback/),
      )
      expect(seen).toEqual([])
    },
  )

  test('is not reached by a second answer of the name server', async () => {
    const { seen, port } = await startServer((_, response) => response.end('secret'))
    let asked = 0
    // the first answer is public and goes nowhere; one that is asked for later is not
    const resolve: Resolve = async () => [{ address: asked++ === 0 ? '192.0.2.1' : '127.0.0.1', family: 4 }]
    const web = open({ ports: [port], allow: ['192.0.2.0/24'] }, resolve)
    await expect(web.request({ url: `http://rebind.example:${port}/`, timeout: 300 })).rejects.toThrow()
    expect({ asked, seen }).toEqual({ asked: 1, seen: [] })
  })

  test.each([301, 302, 303, 307, 308])('is not reached through a redirect with %i', async (status) => {
    const hidden = await startServer((_, response) => response.end('secret'), '127.0.0.2')
    const open_ = await startServer((_, response) => response.writeHead(status, { location: `${hidden.url}/` }).end())
    const web = open({ allow: ['127.0.0.1'], ports: [open_.port, hidden.port] })
    await expect(web.request({ url: open_.url })).rejects.toEqual(refused(/127\.0\.0\.2 is a loopback address/))
    expect([open_.seen.length, hidden.seen.length]).toEqual([1, 0])
  })

  test('is reached where the configuration names it, and its redirects are not followed elsewhere', async () => {
    const hidden = await startServer((_, response) => response.end('secret'))
    const named = await startServer((request, response) =>
      request.url === '/away' ? response.writeHead(302, { location: hidden.url }).end() : response.end('found'),
    )
    const web = open()
    expect(textOf(await web.request({ url: named.url, configured: true }))).toBe('found')
    await expect(web.request({ url: `${named.url}/away`, configured: true })).rejects.toEqual(refused())
    await expect(web.request({ url: named.url })).rejects.toEqual(refused())
    expect(hidden.seen).toEqual([])
  })
})

test.each([
  ['file:///etc/passwd', 'address_refused', /file:.*expected http/],
  ['ftp://example.org/', 'address_refused', /expected http/],
  ['javascript:alert(1)', 'address_refused', /expected http/],
  ['http://example.org:22/', 'address_refused', /port 22 is closed/],
  ['http://user:word@example.org/', 'invalid_input', /without a user name/],
  ['not a url', 'invalid_input', /Expected a URL/],
])('%s is refused with %s', async (url, code, message) => {
  await expect(open().request({ url })).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

describe('a redirect to another origin', () => {
  test('gets no credentials', async () => {
    const other = await startServer((_, response) => response.end('there'))
    const first = await startServer((_, response) => response.writeHead(302, { location: other.url }).end())
    const web = open({ allow: ['127.0.0.1'], ports: [first.port, other.port] })
    const headers = { Authorization: 'Bearer a', Cookie: 'b', 'X-Api-Key': 'c', Accept: 'text/plain' }
    expect(textOf(await web.request({ url: first.url, headers }))).toBe('there')
    expect(first.seen[0]!.headers).toMatchObject({ authorization: 'Bearer a', cookie: 'b', 'x-api-key': 'c' })
    expect(Object.keys(other.seen[0]!.headers).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ])
  })

  test('gets no body', async () => {
    const other = await startServer((_, response) => response.end('there'))
    const first = await startServer((_, response) => response.writeHead(307, { location: other.url }).end())
    const web = open({ allow: ['127.0.0.1'], ports: [first.port, other.port] })
    await expect(web.request({ url: first.url, method: 'POST', body: 'x' })).rejects.toMatchObject({
      code: 'redirect_refused',
    })
    expect(other.seen).toEqual([])
  })
})

test('follows five redirects and refuses a sixth', async () => {
  const { port, url } = await startServer((request, response) => {
    const left = Number(request.url!.slice(1))
    if (left === 0) response.end('done')
    else response.writeHead(302, { location: `/${left - 1}` }).end()
  })
  const web = open({ allow: ['127.0.0.1'], ports: [port] })
  expect(textOf(await web.request({ url: `${url}/5` }))).toBe('done')
  await expect(web.request({ url: `${url}/6` })).rejects.toMatchObject({ code: 'too_many_redirects' })
})

test('says who asks, and sends no more than four requests to a host at once', async () => {
  let [active, most] = [0, 0]
  const { port, url, seen } = await startServer((_, response) => {
    most = Math.max(most, ++active)
    setImmediate(() => {
      active--
      response.end()
    })
  })
  const web = open({ allow: ['127.0.0.1'], ports: [port] })
  await Promise.all(Array.from({ length: 20 }, () => web.request({ url })))
  expect(seen).toHaveLength(20)
  expect(most).toBeLessThanOrEqual(4)
  expect(seen[0]!.headers['user-agent']).toMatch(/^antiphon/)
})

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('unpacks %s, and stops at the limit of the unpacked size', async (encoding, pack) => {
  const { port, url } = await startServer((request, response) => {
    response.setHeader('content-encoding', encoding)
    response.end(pack(Buffer.alloc(request.url === '/bomb' ? 20_000_000 : 1000, 'a')))
  })
  const web = open({ allow: ['127.0.0.1'], ports: [port] })
  expect((await web.request({ url })).body.length).toBe(1000)
  await expect(web.request({ url: `${url}/bomb`, maxBytes: 1_000_000 })).rejects.toMatchObject({
    code: 'response_too_large',
  })
})

test('gives up after its time, and when it is cancelled', async () => {
  const { port, url } = await startServer(() => {})
  const web = open({ allow: ['127.0.0.1'], ports: [port] })
  await expect(web.request({ url, timeout: 50 })).rejects.toMatchObject({ code: 'timeout', name: 'TimeoutError' })
  const controller = new AbortController()
  const asked = web.request({ url, signal: controller.signal })
  controller.abort()
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
})

test('says what is wrong with a host that does not answer', async () => {
  const { port, url } = await startServer((_, response) => response.destroy())
  const web = open({ allow: ['127.0.0.1'], ports: [port, 1] })
  await expect(web.request({ url })).rejects.toMatchObject({
    code: 'web_failed',
    terminal: false,
    message: expect.stringContaining('closed the connection'),
  })
  await expect(web.request({ url: 'http://127.0.0.1:1/' })).rejects.toMatchObject({
    code: 'web_failed',
    message: expect.stringContaining('nothing listens there'),
  })
  const nowhere = open({}, async () => [])
  await expect(nowhere.request({ url: 'http://nowhere.example/' })).rejects.toMatchObject({ code: 'unknown_host' })
})

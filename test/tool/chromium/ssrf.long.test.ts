import type { LookupAddress } from 'node:dns'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { visitPage } from '../../../src/tool/chromium/visit.ts'
import { createWeb } from '../../../src/web/request.ts'
import { startServer } from '../../web/server.ts'
import { chromiumGap, withGap } from './available.ts'

// Chromium takes seconds to start, and several times as long where other suites use the same cores

/** Ways in which a page requests something; each asks for a path of its own name. */
const PARTS: { readonly [way: string]: (url: string) => string } = {
  image: (url) => `<img src="${url}">`,
  'image-set': (url) => `<img srcset="${url} 2x">`,
  frame: (url) => `<iframe src="${url}"></iframe>`,
  'frame-in-frame': (url) => `<iframe srcdoc='<img src="${url}">'></iframe>`,
  style: (url) => `<link rel="stylesheet" href="${url}">`,
  'style-rule': (url) => `<style>body { background: url(${url}) }</style>`,
  'script-file': (url) => `<script src="${url}"></script>`,
  module: (url) => `<script type="module">import ${JSON.stringify(url)}</script>`,
  object: (url) => `<object data="${url}"></object>`,
  video: (url) => `<video src="${url}" autoplay muted></video>`,
  fetch: (url) => `<script>fetch(${JSON.stringify(url)}, { mode: 'no-cors' }).catch(() => {})</script>`,
  post: (url) =>
    `<script>fetch(${JSON.stringify(url)}, { mode: 'no-cors', method: 'POST', body: 'x' }).catch(() => {})</script>`,
  xhr: (url) => `<script>{ const x = new XMLHttpRequest(); x.open('GET', ${JSON.stringify(url)}); x.send() }</script>`,
  beacon: (url) => `<script>navigator.sendBeacon(${JSON.stringify(url)}, 'x')</script>`,
  events: (url) => `<script>new EventSource(${JSON.stringify(url)})</script>`,
  socket: (url) => `<script>new WebSocket(${JSON.stringify(url.replace('http', 'ws'))})</script>`,
  worker: (url) =>
    `<script>new Worker(URL.createObjectURL(new Blob([\`importScripts(${JSON.stringify(url)})\`])))</script>`,
}
const pageOf = (origins: string) =>
  `<!doctype html><title>parts</title><p>read</p>${origins
    .split(' ')
    .flatMap((origin) => Object.entries(PARTS).map(([way, part]) => part(`${origin}/${way}`)))
    .join('\n')}`

/** Ways in which a page leads on to another one. */
const WAYS: { readonly [way: string]: (url: string) => { readonly status?: number; readonly body?: string } } = {
  ...Object.fromEntries([302, 308].map((status) => [`redirect-${status}`, () => ({ status })])),
  meta: (url) => ({ body: `<meta http-equiv="refresh" content="0;url=${url}">` }),
  location: (url) => ({ body: `<script>location = ${JSON.stringify(url)}</script>` }),
  form: (url) => ({ body: `<form method="post" action="${url}"></form><script>document.forms[0].submit()</script>` }),
}

const NAMES: { readonly [name: string]: readonly LookupAddress[] } = {
  'open.test': [{ address: '127.0.0.2', family: 4 }],
  'closed.test': [{ address: '127.0.0.1', family: 4 }],
  'mixed.test': [
    { address: '127.0.0.2', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ],
}

/** An open server at 127.0.0.2, and a closed one at 127.0.0.1 that counts its connections. Both have the same port open in the settings. */
async function world() {
  let touched = 0
  const closed = createServer((socket) => {
    touched++
    socket.on('error', () => {}).destroy()
  })
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void closed.close())
  const { port } = closed.address() as AddressInfo
  const open = await startServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x')
    const target = searchParams.get('to')
    const way = WAYS[pathname.slice(1)]
    if (target === null) return response.setHeader('content-type', 'text/html').end('<p>arrived')
    const { status = 200, body = pageOf(target) } = way?.(target) ?? {}
    response.writeHead(status, { 'content-type': 'text/html', ...(status !== 200 && { location: target }) }).end(body)
  }, '127.0.0.2')
  let answers = 0
  const rebound = () => (answers++ === 0 ? 'open.test' : 'closed.test')
  const web = createWeb(
    { allow: ['127.0.0.2'], ports: [port, open.port] },
    async (host) => NAMES[host === 'rebound.test' ? rebound() : host] ?? [],
  )
  onTestFinished(() => web.close())
  const visit = (path: string, to: string) =>
    visitPage(web, { url: `${open.url}${path}?to=${encodeURIComponent(to)}`, timeout: 20_000, signal: neverAborted })
  const paths = () => open.seen.map(({ path }) => path.split('?')[0]!.slice(1))
  return { open, port, web, visit, touched: () => touched, paths }
}
const neverAborted = new AbortController().signal

describe.skipIf(chromiumGap !== undefined)(withGap('a page in Chromium'), () => {
  test('reaches an open server by all its parts', async () => {
    const { open, visit, paths } = await world()
    const { html, sandbox } = await visit('/parts', open.url)
    expect({ html, sandbox }).toEqual({ html: expect.stringContaining('<p>read</p>'), sandbox: expect.any(String) })
    expect([...new Set(paths())].sort()).toEqual([...Object.keys(PARTS), 'favicon.ico', 'parts'].sort())
  })

  test('reaches no closed server by any of its parts, however the address is spelled', async () => {
    const { port, visit, touched, paths } = await world()
    const hosts = ['127.0.0.1', '0x7f.1', '[::ffff:127.0.0.1]', 'localhost', 'closed.test', 'mixed.test']
    const origins = [...hosts.map((host) => `http://${host}:${port}`), `https://127.0.0.1:${port}`]
    expect((await visit('/parts', origins.join(' '))).html).toContain('<p>read</p>')
    expect(paths()).toContain('parts')
    expect(touched()).toBe(0)
  })

  test('reaches no closed server by a name whose address changes', async () => {
    const { open, port, web, touched } = await world()
    const url = `http://rebound.test:${open.port}/parts?to=${encodeURIComponent(`http://rebound.test:${port}`)}`
    await visitPage(web, { url, timeout: 20_000, signal: neverAborted })
    expect(open.seen).not.toEqual([])
    expect(touched()).toBe(0)
  })

  test('is led on by one way after the other to an open server', async () => {
    const { open, visit, paths } = await world()
    const [first, ...others] = Object.keys(WAYS)
    const there = `${open.url}/there`
    const chain = others.reduceRight((to, way) => `${open.url}/${way}?to=${encodeURIComponent(to)}`, there)
    expect(await visit(`/${first}`, chain)).toMatchObject({ url: there, status: 200 })
    expect(paths()).toEqual(expect.arrayContaining([...Object.keys(WAYS), 'there']))
  })

  test.each(Object.keys(WAYS))('is led on by %s to no closed server', async (way) => {
    const { port, visit, touched } = await world()
    const refused = expect.objectContaining({ code: 'address_refused', message: '127.0.0.1 is a loopback address.' })
    await expect(visit(`/${way}`, `http://127.0.0.1:${port}/there`)).rejects.toEqual(refused)
    expect(touched()).toBe(0)
  })

  test.each([
    'file:///etc/passwd',
    'chrome://version',
    'view-source:http://open.test',
    'javascript:1',
    'data:text/html,x',
  ])('is not opened at %s', async (url) => {
    const { web } = await world()
    const visit = visitPage(web, { url, timeout: 20_000, signal: neverAborted })
    await expect(visit).rejects.toMatchObject({ code: 'address_refused' })
  })

  test('shows no file in a frame, and is not led to one', async () => {
    const { visit } = await world()
    const { html } = await visit('/parts', 'file:///etc')
    expect(html).not.toContain('root:')
    expect((await visit('/location', 'file:///etc/passwd')).html).not.toContain('root:')
  })
})

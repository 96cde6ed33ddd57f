import { describe, expect, test } from 'vitest'
import { browserTools } from '../../../src/tool/builtin/web/browser.ts'
import { startServer } from '../../web/server.ts'
import { closedUrls, OPEN_HOSTS } from '../../web/ssrf/spellings.ts'
import { openWorld } from '../../web/ssrf/world.ts'
import { call, contextAt } from '../context.ts'
import { services } from '../services.ts'
import { chromiumGap, withGap } from './available.ts'

/** A page that requests each URL in one of these ways, in turn. */
const pageOf = (urls: readonly string[]) => `<!doctype html><title>spellings</title><p>read</p><script>
const WAYS = [
  (url) => { new Image().src = url },
  (url) => fetch(url, { mode: 'no-cors' }).catch(() => {}),
  (url) => new WebSocket(url.replace(/^http/, 'ws')),
  (url) => document.body.append(Object.assign(document.createElement('iframe'), { src: url })),
]
for (const [index, url] of ${JSON.stringify(urls).replaceAll('<', '\\u003c')}.entries()) {
  try { WAYS[index % WAYS.length](url) } catch {}
}
</script>`

async function open(urlsOf: (world: Awaited<ReturnType<typeof openWorld>>) => readonly string[]) {
  const world = await openWorld()
  const page = await startServer(
    (_, response) => response.setHeader('content-type', 'text/html; charset=utf-8').end(pageOf(urlsOf(world))),
    '127.0.0.3',
  )
  const own = services({ web: { allow: ['127.0.0.2', '127.0.0.3'], ports: [...world.settings.ports, page.port] } })
  const navigate = browserTools.find(({ name }) => name === 'headless-browser:navigate')!
  const input = { url: page.url, javascript: true, timeout: 60 }
  return { ...world, page: await call(navigate, input, contextAt('/', { services: own })) }
}

describe.skipIf(chromiumGap !== undefined)(withGap('a page in Chromium, by every spelling'), () => {
  test('reaches no closed server', async () => {
    const { page, touched } = await open(({ port, open }) =>
      closedUrls(port, open.port).filter((url) => !/^(?:view-source|javascript)/.test(url)),
    )
    expect(page).toMatchObject({ text: expect.stringContaining('read'), reader: 'chromium' })
    expect(touched()).toBe(0)
  })

  test('reaches an open server', async () => {
    const urls = OPEN_HOSTS.filter((host) => !/open/i.test(host))
    const { open: server } = await open(({ open }) =>
      urls.map((host, index) => `http://${host}:${open.port}/${index}x`),
    )
    expect(new Set(server.seen.map(({ path }) => path))).toEqual(new Set(urls.map((_, index) => `/${index}x`)))
  })
})

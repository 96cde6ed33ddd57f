import { expect, test } from 'vitest'
import { is } from '../../src/errors.ts'
import { browserTools } from '../../src/tool/builtin/web/browser.ts'
import { httpTools } from '../../src/tool/builtin/web/http-client.ts'
import { webSearchTool } from '../../src/tool/builtin/web/web-search.ts'
import type { Tool } from '../../src/tool/tool.ts'
import { call, contextAt } from '../tool/context.ts'
import { openServer } from '../tool/mcp/bench.ts'
import { services } from '../tool/services.ts'
import { startServer } from './server.ts'
import { CLOSED_HOSTS, closedUrls, OPEN_HOSTS } from './ssrf/spellings.ts'
import { openWorld } from './ssrf/world.ts'

// test/tool/chromium/spellings.long.test.ts gives the same addresses to pages in Chromium

const REDIRECTS = [301, 302, 303, 307, 308]
const find = (tools: readonly Tool[], name: string) => tools.find((tool) => tool.name === name)!

async function open() {
  const world = await openWorld()
  const own = { ...services(), web: async () => world.web }
  const use = (tool: Tool, input: object) => call(tool, input, contextAt('/', { services: own }))
  return {
    ...world,
    read: (url: string) => use(find(browserTools, 'headless-browser:scrape'), { url, javascript: false }),
    get: (url: string) => use(find(httpTools, 'http-client:get'), { url }),
    /** a search service that answers with that status and address */
    search: (path: string, to: string) => {
      const url = `${world.open.url}${path}?to=${encodeURIComponent(to)}`
      const searching = { ...own, search: { backend: 'searxng' as const, url } }
      return call(webSearchTool as Tool, { query: 'tide' }, contextAt('/', { services: searching }))
    },
  }
}

const codeOf = (error: unknown) => (is(error) ? error.code : String(error))

/** The codes of those that fail, by URL; `reached` for one that does not. */
async function codesOf(urls: readonly string[], act: (url: string) => Promise<unknown>) {
  const told = urls.map(async (url) => [url, await act(url).then(() => 'reached', codeOf)] as const)
  return Object.fromEntries(await Promise.all(told))
}

const notIn = (codes: { readonly [url: string]: string }, allowed: readonly string[]) =>
  Object.entries(codes).filter(([, code]) => !allowed.includes(code))

test('the suite has more than 80 spellings of closed addresses', () => {
  expect(new Set(CLOSED_HOSTS).size).toBeGreaterThan(80)
})

test.each(['get', 'read'] as const)('%s reaches an open server by all spellings, and no closed one', async (door) => {
  const world = await open()
  for (const host of OPEN_HOSTS) await world[door](`http://${host}:${world.open.port}/${OPEN_HOSTS.indexOf(host)}x`)
  expect(world.open.seen.map(({ path }) => path)).toEqual(OPEN_HOSTS.map((_, index) => `/${index}x`))
  const codes = await codesOf(closedUrls(world.port, world.open.port), world[door])
  // a text that is not a URL, or one with a user, is refused before its address is known
  expect(notIn(codes, ['address_refused', 'invalid_input', 'unknown_host'])).toEqual([])
  expect(
    notIn(
      await codesOf(
        CLOSED_HOSTS.map((host) => `http://${host}/`),
        world[door],
      ),
      ['address_refused'],
    ),
  ).toEqual([])
  expect(world.touched()).toBe(0)
  expect(world.open.seen).toHaveLength(OPEN_HOSTS.length)
})

test.each(['get', 'read'] as const)('%s follows redirects to an open server, and to no closed one', async (door) => {
  const world = await open()
  const through = (status: number, to: string) => `${world.open.url}/${status}?to=${encodeURIComponent(to)}`
  for (const status of REDIRECTS) await world[door](through(status, through(302, `${world.open.url}/there`)))
  expect(world.open.seen.filter(({ path }) => path === '/there')).toHaveLength(REDIRECTS.length)
  const targets = closedUrls(world.port, world.open.port).filter((url) => /^(?:[a-z]+:)?\/\/\S+$/i.test(url))
  for (const status of REDIRECTS) {
    const some = targets.filter((_, index) => index % REDIRECTS.length === REDIRECTS.indexOf(status))
    const ways = [...some, `//127.0.0.1:${world.port}/`, `//localhost:${world.port}/`]
    const codes = await codesOf(ways, (to) => world[door](through(status, to)))
    expect(notIn(codes, ['address_refused', 'invalid_input', 'unknown_host', 'bad_response'])).toEqual([])
    expect(codes[`//127.0.0.1:${world.port}/`]).toBe('address_refused')
  }
  expect(world.touched()).toBe(0)
})

test('a name whose address changes is looked up once for a connection, and then refused', async () => {
  const { get, open: server, port, touched } = await open()
  await get(`http://rebound.test:${server.port}/`)
  expect(await codesOf([`http://rebound.test:${port}/`], get)).toEqual({
    [`http://rebound.test:${port}/`]: 'address_refused',
  })
  expect([server.seen.length, touched()]).toEqual([1, 0])
})

test('a page that leads on by itself is read as it is', async () => {
  const { read, open: server, port, touched } = await open()
  expect(await read(`${server.url}/page?to=http://127.0.0.1:${port}/`)).toMatchObject({
    title: 'open',
    reader: 'fetch',
  })
  expect(touched()).toBe(0)
})

test('a search service that the configuration opens leads to no other address', async () => {
  const { search, port, open: server, touched } = await open()
  const closed = closedUrls(port, server.port)
  const codes = await codesOf(
    closed.filter((url) => /^http:\/\/\S+$/.test(url) && URL.canParse(url)),
    (to) => search('/302', to),
  )
  expect(notIn(codes, ['address_refused', 'invalid_input', 'unknown_host'])).toEqual([])
  const before = server.seen.length
  for (const url of closed) expect((await search('/results', url)).total_results).toBe(1)
  expect(server.seen).toHaveLength(before + closed.length)
  expect(touched()).toBe(0)
})

test('a server of the Model Context Protocol leads to no other address, by a redirect or by what it says of logins', async () => {
  const { port, open: server, touched } = await open()
  const closed = closedUrls(port, server.port).filter((url) => URL.canParse(url))
  const ways = [...closed, `${server.url}/there`].map((to, index) => ({ to, status: [...REDIRECTS, 401][index % 6]! }))
  const mcp = await startServer((request, response) => {
    // `http:host` is a path of the same server
    const { to, status } = ways[Number(request.url!.slice(1))] ?? { to: '/', status: 404 }
    const location = to.replaceAll(/[^ -~]/gu, encodeURIComponent).replaceAll(/[\n\t]/g, '')
    response.writeHead(status, { location, 'www-authenticate': `Bearer resource_metadata="${location}"` }).end()
  })
  const reached = async (index: number) => {
    const url = `${mcp.url}/${index}`
    const { call: callServer } = openServer({ type: 'http', from: 'antiphon.yaml', url, headers: {} })
    return callServer('note', { line: 'ebb' }).then(
      () => true,
      () => false,
    )
  }
  expect(ways.length).toBeGreaterThan(80)
  expect((await Promise.all(ways.map((_, index) => reached(index)))).filter(Boolean)).toEqual([])
  // the server itself, which the configuration names, sees all of its requests
  expect(mcp.seen.map(({ path }) => path)).toEqual(expect.arrayContaining(ways.map((_, index) => `/${index}`)))
  expect(touched()).toBe(0)
  expect(server.seen).toEqual([])
})

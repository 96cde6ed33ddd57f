import { expect, test } from 'vitest'
import { browserTools } from '../../../../src/tool/builtin/web/browser.ts'
import { readPage } from '../../../../src/web/page/article.ts'
import { startServer } from '../../../web/server.ts'
import { call, contextAt } from '../../context.ts'
import { services } from '../../services.ts'

const PARAGRAPH =
  '<p>The <b>tide</b> turns twice a day, see <a href="/moon">the moon</a>. It rises for six hours, it falls for six hours, and then it rises again.</p>'
const PAGE = `<!doctype html><html lang="en"><head><title>Tides &amp; moon</title><meta name="description" content="About tides">
<script>document.title = 'changed'</script></head><body><nav><a href="/home">Home</a></nav>
<article><h1>Tides</h1>${PARAGRAPH.repeat(8)}<ul><li>ebb</li><li>flow<ol><li>spring</li></ol></li></ul>
<pre>a\n b</pre><table><tr><th>when</th></tr><tr><td>6|18</td></tr></table><blockquote>wait</blockquote>
<a href="javascript:steal()">script</a><img src="/tide.png" alt="a tide"></article><footer>The end</footer></body></html>`

async function open(pages: { readonly [path: string]: readonly [type: string, body: string | Buffer] | undefined }) {
  const server = await startServer((request, response) => {
    const [type, body] = pages[request.url!] ?? []
    if (type === undefined) response.writeHead(404).end('gone')
    else response.setHeader('content-type', type).end(body)
  })
  const context = contextAt('/', { services: services({ web: { allow: ['127.0.0.1'], ports: [server.port] } }) })
  const use = (action: string, input: object) =>
    call(browserTools.find(({ name }) => name === `headless-browser:${action}`)!, input, context)
  return { ...server, use }
}

test('scrape reads the article, navigate the whole page, and extract what a selector finds', async () => {
  const { url, use } = await open({ '/': ['text/html', PAGE] })
  const page = await use('scrape', { url })
  expect(page).toMatchObject({
    title: 'Tides & moon',
    status_code: 200,
    metadata: { description: 'About tides', lang: 'en' },
  })
  expect(page.text).toContain(`The **tide** turns twice a day, see [the moon](${url}/moon).`)
  expect(page.text).toContain('- ebb\n- flow\n  1. spring')
  expect(page.text).toContain('```\na\n b\n```')
  expect(page.text).toContain('| when |\n| --- |\n| 6\\|18 |')
  expect(page.text).not.toMatch(/Home|The end|steal/)
  expect((await use('navigate', { url })).text).toMatch(/Home[\s\S]*# Tides[\s\S]*> wait[\s\S]*The end/)
  expect((await use('extract', { url, selector: 'li li, footer' })).text).toBe('spring\n\nThe end')
  expect(page.links).toContainEqual({ text: 'Home', url: `${url}/home` })
  expect(page.images).toEqual([{ alt: 'a tide', url: `${url}/tide.png` }])
})

test('reads plain text, and refuses what is not a page', async () => {
  const { url, use } = await open({ '/t': ['text/plain', 'ebb and flow'], '/b': ['image/png', Buffer.from([1])] })
  expect(await use('scrape', { url: `${url}/t` })).toMatchObject({ text: 'ebb and flow', word_count: 3 })
  await expect(use('scrape', { url: `${url}/b` })).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(use('scrape', { url: `${url}/none` })).rejects.toMatchObject({ code: 'http_status' })
  expect(await use('verify', { url: `${url}/none` })).toMatchObject({ accessible: false, status_code: 404 })
  expect(await use('verify', { url: `${url}/t` })).toMatchObject({ accessible: true, content_type: 'text/plain' })
})

test.each([
  ['nothing', ''],
  ['no tags', 'ebb'],
  ['tags that end nowhere', '<div><p>ebb<table><tr><td>'],
  ['a page without a body', '<html><head><title>x</title></head></html>'],
  ['deep nesting', `${'<div>'.repeat(3000)}ebb`],
])('reads %s', (_, html) => {
  expect(readPage({ html, url: 'https://example.org/', main: true }).text.length).toBeLessThan(10)
})

test('search asks the service that web-search asks', async () => {
  const { url } = await startServer((_, response) =>
    response.end('{"results": [{"title": "Ebb", "url": "https://a.example/1", "content": "The tide turns"}]}'),
  )
  const key = async () => 'the-key'
  const context = contextAt('/', { services: services({ search: { backend: 'tavily', url, key } }) })
  const tool = browserTools.find(({ name }) => name === 'headless-browser:search')!
  expect(await call(tool, { query: 'tide' }, context)).toMatchObject({
    backend: 'tavily',
    results: [{ title: 'Ebb', url: 'https://a.example/1', snippet: 'The tide turns' }],
  })
})

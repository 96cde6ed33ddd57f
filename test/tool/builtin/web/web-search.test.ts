import { expect, test } from 'vitest'
import { webSearchTool } from '../../../../src/tool/builtin/web/web-search.ts'
import type { SearchSettings } from '../../../../src/web/search/search.ts'
import { startServer } from '../../../web/server.ts'
import { call, contextAt } from '../../context.ts'
import { services } from '../../services.ts'

const search = (settings: SearchSettings | undefined, input: object) =>
  call(webSearchTool, input, contextAt('/', { services: services(settings && { search: settings }) }))
const key = async () => 'the-key'

const DUCKDUCKGO = `<div class="result"><a rel="nofollow" class="result__a" href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fa.example%2F1&amp;rut=x">Ebb <b>&amp;</b> flow</a>
<a class="result__snippet" href="x">The <b>tide</b> turns</a></div>`

// the forms that the services document
test.each([
  [
    'brave',
    {
      web: {
        results: [
          {
            title: 'Ebb <strong>&amp;</strong> flow',
            url: 'https://a.example/1',
            description: 'The <strong>tide</strong> turns',
          },
        ],
      },
    },
  ],
  ['tavily', { results: [{ title: 'Ebb & flow', url: 'https://a.example/1', content: 'The tide turns', score: 0.9 }] }],
  [
    'searxng',
    { results: [{ title: 'Ebb & flow', url: 'https://a.example/1', content: 'The tide turns', engine: 'x' }] },
  ],
  ['duckduckgo', DUCKDUCKGO],
] as const)('reads what %s answers', async (backend, answer) => {
  const { url, seen } = await startServer((_, response) =>
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer)),
  )
  const found = await search({ backend, url, key }, { query: 'tide', max_results: 3 })
  expect(found).toEqual({
    query: 'tide',
    results: [{ title: 'Ebb & flow', url: 'https://a.example/1', snippet: 'The tide turns', rank: 1 }],
    total_results: 1,
    backend,
  })
  expect(`${seen[0]!.path}${seen[0]!.body}`).toContain('tide')
})

test('sends the key in a header', async () => {
  const { url, seen } = await startServer((_, response) => response.end('{"results": [], "web": {}}'))
  await search({ backend: 'brave', url, key }, { query: 'x' })
  await search({ backend: 'tavily', url, key }, { query: 'x' })
  expect(seen[0]!.headers['x-subscription-token']).toBe('the-key')
  expect(seen[1]!.headers.authorization).toBe('Bearer the-key')
})

test.each([
  [200, '<html>', { code: 'bad_response', terminal: true }],
  [401, '', { code: 'search_failed', terminal: true, hint: expect.stringContaining('key') }],
  [429, '', { code: 'search_failed', terminal: false }],
  [500, '', { code: 'search_failed', terminal: false }],
])('fails where the service answers %i %s', async (status, body, error) => {
  const { url } = await startServer((_, response) => response.writeHead(status).end(body))
  await expect(search({ backend: 'tavily', url, key }, { query: 'x' })).rejects.toMatchObject(error)
})

test('says what to configure', async () => {
  await expect(search(undefined, { query: 'x' })).rejects.toMatchObject({
    code: 'search_missing',
    hint: expect.stringContaining('backend: brave'),
  })
  await expect(search({ backend: 'searxng' }, { query: 'x' })).rejects.toThrow('searxng needs the `url`')
  await expect(search({ backend: 'brave' }, { query: 'x' })).rejects.toThrow('brave needs a `key`')
})

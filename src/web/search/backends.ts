import type { Json } from '../../kernel/json.ts'
import { plainText, resultsIn, type SearchBackend } from './backend.ts'

/** Brave Search: https://api-dashboard.search.brave.com/app/documentation */
export const brave: SearchBackend = {
  url: 'https://api.search.brave.com/res/v1/web/search',
  needsKey: true,
  request({ query, count, region, safe }, url, key) {
    const target = new URL(url)
    target.searchParams.set('q', query)
    target.searchParams.set('count', String(Math.min(count, 20)))
    target.searchParams.set('safesearch', safe ? 'strict' : 'off')
    if (region !== undefined) target.searchParams.set('country', region.slice(0, 2).toUpperCase())
    return { url: target.href, headers: { accept: 'application/json', 'x-subscription-token': key } }
  },
  results: (response) =>
    resultsIn(response, ({ web }) => (web as { readonly results?: Json } | undefined)?.results ?? [], {
      url: 'url',
      snippet: 'description',
    }),
}

/** Tavily: https://docs.tavily.com/documentation/api-reference/endpoint/search */
export const tavily: SearchBackend = {
  url: 'https://api.tavily.com/search',
  needsKey: true,
  request: ({ query, count }, url, key) => ({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, max_results: Math.min(count, 20) }),
  }),
  results: (response) => resultsIn(response, ({ results }) => results, { url: 'url', snippet: 'content' }),
}

/** A SearXNG server with the format `json` enabled: https://docs.searxng.org/dev/search_api.html */
export const searxng: SearchBackend = {
  needsKey: false,
  request({ query, region, safe }, url, key) {
    const target = new URL(url)
    if (!target.pathname.endsWith('/search')) target.pathname = `${target.pathname.replace(/\/$/, '')}/search`
    target.searchParams.set('q', query)
    target.searchParams.set('format', 'json')
    target.searchParams.set('safesearch', safe ? '2' : '0')
    if (region !== undefined) target.searchParams.set('language', region)
    return {
      url: target.href,
      headers: { accept: 'application/json', ...(key !== '' && { authorization: `Bearer ${key}` }) },
    }
  },
  results: (response) => resultsIn(response, ({ results }) => results, { url: 'url', snippet: 'content' }),
}

/** DuckDuckGo's page without scripts. It needs no key, and it answers few requests in a row. */
export const duckduckgo: SearchBackend = {
  url: 'https://html.duckduckgo.com/html/',
  needsKey: false,
  request({ query, region, safe }, url) {
    const target = new URL(url)
    target.searchParams.set('q', query)
    target.searchParams.set('kp', safe ? '1' : '-2')
    if (region !== undefined) target.searchParams.set('kl', region)
    return { url: target.href, headers: { accept: 'text/html' } }
  },
  results(response) {
    const page = Buffer.from(response.body).toString()
    if (!page.includes('result')) throw new TypeError('expected a page of results')
    const links = elementsOf(page, 'result__a')
    const snippets = elementsOf(page, 'result__snippet')
    return links.flatMap(({ attributes, content }, index) => {
      const href = /\shref="([^"]*)"/.exec(attributes)?.[1]
      if (href === undefined) return []
      const snippet = plainText(snippets[index]?.content)
      return [{ title: plainText(content), url: targetOf(plainText(href)), snippet }]
    })
  },
}

/** The links and blocks of a class. */
function elementsOf(page: string, name: string) {
  const found = [...page.matchAll(/<(a|div)\b([^<>]*)>/g)].filter(([, , attributes = '']) =>
    attributes.includes(`class="${name}"`),
  )
  return found.map(([tag, kind, attributes = ''], at) => {
    const next = found[at + 1]?.index ?? page.length
    const [content = ''] = page.slice(found[at]!.index + tag.length, next).split(`</${kind}>`, 1)
    return { attributes, content }
  })
}

/** Links lead through DuckDuckGo, with the target as a parameter. */
function targetOf(href: string): string {
  const url = URL.parse(href, 'https://duckduckgo.com/')
  return url?.searchParams.get('uddg') ?? url?.href ?? href
}

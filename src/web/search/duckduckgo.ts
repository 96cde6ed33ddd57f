import { plainText, type SearchBackend } from './backend.ts'

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
    const links = [...page.matchAll(/<a\b[^>]*class="result__a"[^>]*href="([^"]*)"[^>]*>(.*?)<\/a>/gs)]
    const snippets = [...page.matchAll(/<(a|div)\b[^>]*class="result__snippet"[^>]*>(.*?)<\/\1>/gs)]
    return links.map(([, href, title], index) => ({
      title: plainText(title!),
      url: targetOf(plainText(href!)),
      snippet: plainText(snippets[index]?.[2]),
    }))
  },
}

/** Links lead through DuckDuckGo, with the target as a parameter. */
function targetOf(href: string): string {
  const url = URL.parse(href, 'https://duckduckgo.com/')
  return url?.searchParams.get('uddg') ?? url?.href ?? href
}

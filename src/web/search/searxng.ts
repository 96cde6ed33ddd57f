import { resultsIn, type SearchBackend } from './backend.ts'

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

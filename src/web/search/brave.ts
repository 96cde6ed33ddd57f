import type { Json } from '../../kernel/schema.ts'
import { resultsIn, type SearchBackend } from './backend.ts'

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

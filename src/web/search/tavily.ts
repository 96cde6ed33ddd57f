import { resultsIn, type SearchBackend } from './backend.ts'

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

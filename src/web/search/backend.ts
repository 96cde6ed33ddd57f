import { type Json, parseExact } from '../../kernel/json.ts'
import type { WebRequest, WebResponse } from '../request.ts'

export type SearchQuery = {
  readonly query: string
  /** results at most */
  readonly count: number
  readonly region?: string
  readonly safe: boolean
}

export type WebSearchResult = { readonly title: string; readonly url: string; readonly snippet: string }

/** One search service: how a query becomes a request, and a response results. */
export interface SearchBackend {
  /** its public URL; absent: the configuration must say it */
  readonly url?: string
  readonly needsKey: boolean
  request(query: SearchQuery, url: string, key: string): WebRequest
  /** The results of a response; throws where it is not of the expected form. */
  results(response: WebResponse): readonly WebSearchResult[]
}

/** The items of a list in a JSON response, as results. */
export function resultsIn(
  response: WebResponse,
  list: (body: { readonly [name: string]: Json }) => Json | undefined,
  fields: { readonly url: string; readonly snippet: string },
): readonly WebSearchResult[] {
  const items = list(parseExact(Buffer.from(response.body).toString()) as { readonly [name: string]: Json })
  if (!Array.isArray(items)) throw new TypeError('expected a list of results')
  return (items as readonly { readonly [name: string]: Json }[]).map((item) => ({
    title: plainText(item.title),
    url: plainText(item[fields.url]),
    snippet: plainText(item[fields.snippet]),
  }))
}

/** A text without the tags and entities with which services mark words. */
export const plainText = (value: Json | undefined): string =>
  String(value ?? '')
    .replace(/<[^<>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|#x27|#39|nbsp);/g, (_, name: string) => ENTITIES[name]!)
    .replace(/\s+/g, ' ')
    .trim()

const ENTITIES: { readonly [name: string]: string } = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#x27': "'",
  '#39': "'",
  nbsp: ' ',
}

import { InvalidError } from '../../../errors.ts'

/** The URL of a server, without query and fragment. In a web page it may be relative. InvalidError for no URL. */
export function serverUrl(given: string): URL {
  const { location } = globalThis as { readonly location?: { readonly origin: string } }
  const url = URL.parse(given, location?.origin)
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return Object.assign(url, { pathname: url.pathname.replace(/\/+$/, ''), search: '', hash: '' })
  // the invalid text may be a secret
  throw new InvalidError('Expected the address of a server.', { hint: 'For example: https://antiphon.example' })
}

/** The headers for an API key; InvalidError for a text that a header cannot contain. */
export function headersOf(key: string | undefined): { readonly authorization?: string } {
  if (key === undefined) return {}
  if (/^[\x21-\x7e]*$/.test(key.trim())) return { authorization: `Bearer ${key.trim()}` }
  throw new InvalidError('Expected an API key.', { hint: 'For example ak_0123456789abcdef_…, without spaces.' })
}

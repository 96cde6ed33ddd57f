import { InvalidError } from '../../../errors.ts'

/** The address of a server, without what stands behind its path; InvalidError when the text is none. In a page it may be one of the same origin. */
export function serverUrl(given: string): URL {
  const { location } = globalThis as { readonly location?: { readonly origin: string } }
  const url = URL.parse(given, location?.origin)
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return Object.assign(url, { pathname: url.pathname.replace(/\/+$/, ''), search: '', hash: '' })
  // the invalid text may be a secret
  throw new InvalidError('Expected the address of a server.', { hint: 'For example https://antiphon.example' })
}

/** The headers by which a key lets in; InvalidError for a text that no header can hold. */
export function headersOf(key: string | undefined): { readonly authorization?: string } {
  if (key === undefined) return {}
  if (/^[\x21-\x7e]*$/.test(key.trim())) return { authorization: `Bearer ${key.trim()}` }
  throw new InvalidError('Expected an API key.', { hint: 'For example ak_0123456789abcdef_…, without spaces.' })
}

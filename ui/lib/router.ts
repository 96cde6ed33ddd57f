import { signal } from '@preact/signals'
import { base } from './server.ts'

/** The address of a page below `/ui/`: its words, and the parameters behind them. */
export type Route = { readonly path: readonly string[]; readonly query: URLSearchParams }

const ROOT = `${base}/ui/`

function read(): Route {
  const path = location.pathname.startsWith(ROOT) ? location.pathname.slice(ROOT.length) : ''
  return { path: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(location.search) }
}

/** A word of an address that somebody typed may not be encoded. */
function decoded(word: string): string {
  try {
    return decodeURIComponent(word)
  } catch {
    return word
  }
}

/** The page that is shown. All state of a page is in it, so an address shows the same to another person. */
export const route = signal<Route>(read())

addEventListener('popstate', () => {
  route.value = read()
})

export type Query = { readonly [name: string]: string | undefined }

/** The address of a page. */
export function href(path: readonly string[], query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : []))
  const search = new URLSearchParams(given).toString()
  return `${ROOT}${path.map(encodeURIComponent).join('/')}${search && `?${search}`}`
}

/** Shows a page. */
export function go(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', address)
  else history.pushState(null, '', address)
  route.value = read()
  if (!replace) scrollTo(0, 0)
}

/** Changes parameters of the page that is shown. */
export function setQuery(changes: Query, { replace = true } = {}): void {
  const { path, query } = route.peek()
  go(href(path, { ...Object.fromEntries(query), ...changes }), { replace })
}

addEventListener('click', onLink)

/** Links within the pages load no document. */
function onLink(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest?.('a[href]')
  if (!(link instanceof HTMLAnchorElement) || link.target !== '' || link.hasAttribute('download')) return
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  if (link.origin !== location.origin || !link.pathname.startsWith(ROOT)) return
  event.preventDefault()
  go(link.pathname + link.search)
}

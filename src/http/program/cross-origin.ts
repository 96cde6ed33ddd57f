import { wrongOrigin } from '../server/authenticate.ts'

/** Methods that change nothing. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses a change that a page of another origin sends, except of `origins`. Browsers say where a request comes from:
 * in `sec-fetch-site`, or else in `origin` with every change. A request with neither is not from a page.
 * @throws an error of code `wrong_origin`
 */
export function checkChange(request: Request, origins: readonly string[]): void {
  const { method, headers } = request
  if (SAFE.has(method)) return
  const origin = headers.get('origin')
  if (origin !== null && origins.includes(origin)) return
  const site = headers.get('sec-fetch-site')
  // none: the person began it, by the address bar or a bookmark
  if (site === 'same-origin' || site === 'none') return
  if (site === null && (origin === null || isOwn(origin, request))) return
  throw wrongOrigin(origin ?? 'another site')
}

/**
 * Whether the origin is that of this server. The scheme is not compared: behind a proxy, this server does not know its
 * own. No page can set the headers of proxies without the consent of the server.
 */
function isOwn(origin: string, { headers, url }: Request): boolean {
  const page = URL.parse(origin)
  if (!page || page.host === '') return false
  const forwarded = headers.get('x-forwarded-host')?.split(',') ?? []
  const names = [headers.get('host') ?? new URL(url).host, ...forwarded]
  return names.some((name) => URL.parse(`${page.protocol}//${name.trim()}`)?.host === page.host)
}

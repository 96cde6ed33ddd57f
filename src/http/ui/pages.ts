import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NotFoundError } from '../../errors.ts'
import { parseExact } from '../../kernel/json.ts'
import { escapeHtml } from '../../lib/text/escape-html.ts'

/** How a person signs in: by an API key, by the code in an address, or not at all. */
type SignIn = 'key' | 'code' | 'none'

/** The pages of the dashboard as files, and the document that loads them. */
export interface Pages {
  /** The text that other pages have when the server was updated. */
  readonly build: string
  /** The document, for a server that is mounted at a path; mostly empty. */
  document(base: string, signIn: SignIn): Response
  /** A file by its name; undefined when there is none. Names are looked up in a list. */
  file(name: string, accepts: string): Response | undefined
}

type File = { readonly type: string; readonly plain: Uint8Array<ArrayBuffer>; readonly brotli: Uint8Array<ArrayBuffer> }

/** The names of the files. The script loads its `parts` when they are needed. */
type Names = { readonly script: string; readonly style: string; readonly parts: readonly string[] }

/** The place in a package, and in a checkout that runs its sources. */
const FOLDERS = ['../../ui', '../../../ui/dist'].map((path) => join(import.meta.dirname, path))

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#2f5bd0" stroke-width="2.4"><path d="M3 15c3-8 6-8 9 0s6 8 9 0M3 9c3 8 6 8 9 0s6-8 9 0"/></svg>`

/**
 * The pages load and connect to nothing of another origin, run no script of a text, and cannot be framed. Their address
 * may hold names, so it appears in no referrer.
 */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-robots-tag': 'noindex',
}

/** Reads the pages, which are small, once. NotFoundError when they are not built. */
export function openPages(folders: readonly string[] = FOLDERS): Pages {
  const folder = folders.find((one) => existsSync(join(one, 'pages.json')))
  if (folder === undefined)
    throw new NotFoundError('The pages of the dashboard are not built.', { hint: 'Build them: npm run build:ui' })
  const names = parseExact(readFileSync(join(folder, 'pages.json'), 'utf8')) as Names
  const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)))
  const fileAt = (name: string, type: string): [string, File] => [
    name,
    { type, plain: read(name), brotli: read(`${name}.br`) },
  ]
  const scripts = [names.script, ...names.parts].map((name) => fileAt(name, 'text/javascript'))
  const files = new Map([...scripts, fileAt(names.style, 'text/css')])
  const build = `${names.script} ${names.style}`
  return {
    build,
    document(base, signIn) {
      const at = (name: string) => escapeHtml(`${base}/ui/${name}`)
      const facts = { base, 'sign-in': signIn, build }
      const meta = Object.entries(facts).map(
        ([name, value]) => `<meta name="antiphon-${name}" content="${escapeHtml(value)}">`,
      )
      const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">${meta.join('')}<title>antiphon</title><link rel="icon" href="${at('icon.svg')}"><link rel="stylesheet" href="${at(names.style)}"><script type="module" src="${at(names.script)}"></script>`
      const text = `<!doctype html><html lang="en"><head>${head}</head><body><div id="app"></div><noscript>The dashboard needs JavaScript.</noscript></body></html>`
      return new Response(text, { headers: HEADERS })
    },
    file(name, accepts) {
      if (name === 'icon.svg')
        return new Response(ICON, { headers: fileHeaders('image/svg+xml', 'public, max-age=86400') })
      const file = files.get(name)
      if (!file) return undefined
      const isBrotli = /\bbr\b/.test(accepts)
      const headers = fileHeaders(`${file.type}; charset=utf-8`, 'public, max-age=31536000, immutable')
      return new Response(isBrotli ? file.brotli : file.plain, {
        headers: { ...headers, ...(isBrotli && { 'content-encoding': 'br' }) },
      })
    },
  }
}

const fileHeaders = (type: string, cache: string) => ({
  'content-type': type,
  'cache-control': cache,
  vary: 'accept-encoding',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
})

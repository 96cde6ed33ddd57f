import { signal } from '@preact/signals'
import { type Client, createClient, is } from '../../src/client.ts'

/** What the server wrote into the page: the path of its mount, how people sign in, and the build of the pages. */
const said = (name: string) => document.querySelector<HTMLMetaElement>(`meta[name="antiphon-${name}"]`)?.content ?? ''

/** The path before `/ui` and `/v1`; mostly empty. */
export const base = said('base')
/** `key`: an API key in a form · `none`: the server knows the caller, or asks nobody */
export const signIn = said('sign-in') as 'key' | 'code' | 'none'
export const build = said('build')

/** Whether the server has said that nobody is signed in. */
export const isSignedOut = signal(false)
/** Whether somebody was signed in on this page before. */
export const wasSignedIn = signal(false)
/** What the server said to the request that found nobody signed in. */
export const refusal = signal('')

/** Requests that failed lately, by what the server said of each: their ids, as the server named them. */
const failed = new Map<string, string>()
const MAX_FAILED = 50

/** The id of the newest request that failed in this way. */
export const requestOf = (code: string, message: string): string | undefined => failed.get(`${code} ${message}`)

/** Returns what the server said of the failure. */
async function rememberFailed(response: Response): Promise<string> {
  const id = response.headers.get('x-request-id')
  const { code, detail } = (await response.json().catch(() => ({}))) as { code?: string; detail?: string }
  if (id === null || code === undefined) return detail ?? ''
  failed.set(`${code} ${detail}`, id)
  if (failed.size > MAX_FAILED) failed.delete(failed.keys().next().value!)
  return detail ?? ''
}

/** The operations of the server that gave this page. */
export const client: Client = createClient({
  url: `${location.origin}${base}`,
  patience: 0,
  async fetch(request) {
    const response = await fetch(request)
    const said = response.ok ? '' : await rememberFailed(response.clone())
    if (response.status === 401) {
      refusal.value = said
      isSignedOut.value = true
    }
    wasSignedIn.value ||= response.ok
    return response
  },
})

/** Whether a failure says that the caller may not ask this. */
export const isForbidden = (error: unknown): boolean =>
  is(error) && ['scope_missing', 'not_found', 'local_only', 'owner_refused'].includes(error.code)

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

/** The id of the newest request that failed, as the server named it. */
export const failedRequest = signal<string | undefined>(undefined)

/** The operations of the server that gave this page. */
export const client: Client = createClient({
  url: `${location.origin}${base}`,
  patience: 0,
  async fetch(request) {
    const response = await fetch(request)
    if (response.status === 401) isSignedOut.value = true
    if (!response.ok) failedRequest.value = response.headers.get('x-request-id') ?? undefined
    return response
  },
})

/** Whether a failure says that the caller may not ask this. */
export const isForbidden = (error: unknown): boolean =>
  is(error) && ['scope_missing', 'not_found', 'local_only', 'owner_refused'].includes(error.code)

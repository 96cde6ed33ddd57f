import { signal } from '@preact/signals'
import { type Client, createClient, is } from '../../src/client.ts'
import { dropDrafts, openDrafts } from './kept.ts'

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

type Caller = Awaited<ReturnType<typeof client.caller>>
type Rights = Omit<Caller, 'owner'>
export type Scope = Caller['scopes'][number]

/** The rights of a caller whose server does not say them: the server refuses what is not allowed. */
const UNKNOWN: Rights = { scopes: ['admin'], mounted: false }

const rights = signal<Rights | undefined>(undefined)

/** Whether the server was asked what this caller may do. */
export const areRightsKnown = () => rights.value !== undefined

/** Whether the server has said it. */
export const areRightsSaid = () => rights.value !== undefined && rights.value !== UNKNOWN

/** Asks what this caller may do: when the page is loaded, after a sign-in, and again while nobody could say it. */
export async function readRights(): Promise<void> {
  const caller = await client.caller().catch(() => undefined)
  if (caller) openDrafts(caller.owner, base)
  rights.value = caller ?? (isSignedOut.peek() ? undefined : UNKNOWN)
}

/** Ends the session of the browser. The page is loaded again, so nothing that was read or typed stays in it. */
export async function signOut(): Promise<void> {
  const response = await fetch(`${base}/ui/session`, { method: 'DELETE' }).catch(() => undefined)
  if (!response?.ok) return
  dropDrafts()
  location.replace(`${base}/ui/`)
}

/** Whether this caller has one of these scopes. */
export function may(...needed: readonly Scope[]): boolean {
  const { scopes } = rights.value ?? UNKNOWN
  const held: readonly Scope[] = scopes.includes('run') ? [...scopes, 'talk'] : scopes
  return held.includes('admin') || needed.some((scope) => held.includes(scope))
}

/** The scopes of this caller. */
export const heldScopes = () => (rights.value ?? UNKNOWN).scopes

/** Whether the inbox may have items for this caller: all with `read`, otherwise those that it may answer. */
export const hasInbox = () => may('read', 'approve', 'run', 'ask', 'memory')

/** Whether the page is in the server of a program, which has no routes for its operators. */
export const isMounted = () => (rights.value ?? UNKNOWN).mounted

/** The agents that a program offers to this caller; undefined: the caller may name any agent. */
export const offeredAgents = () => (rights.value ?? UNKNOWN).agents

/** Whether this caller works with the folder of the server, so that commands of a terminal are of use to it. */
export const mayUseCommands = () => may('admin') && !isMounted()

import { signal } from '@preact/signals'
import { dropDrafts, openDrafts } from './kept.ts'
import { base, client, isSignedOut } from './server.ts'

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
  if (caller) openDrafts(caller.owner)
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

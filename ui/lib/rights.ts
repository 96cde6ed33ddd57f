import { signal } from '@preact/signals'
import { client, isSignedOut } from './server.ts'

export type Scope = Awaited<ReturnType<typeof client.caller>>['scopes'][number]
type Rights = { readonly scopes: readonly string[]; readonly mounted: boolean; readonly agents?: readonly string[] }

/** The rights of a caller whose server does not say them: the server refuses what is not allowed. */
const UNKNOWN: Rights = { scopes: ['admin'], mounted: false }

const rights = signal<Rights | undefined>(undefined)

/** Whether the server was asked what this caller may do. */
export const areRightsKnown = () => rights.value !== undefined

/** Asks what this caller may do: when the page is loaded, and after a sign-in. */
export async function readRights(): Promise<void> {
  rights.value = await client.caller().catch(() => (isSignedOut.peek() ? undefined : UNKNOWN))
}

/** Whether this caller has one of these scopes. */
export function may(...needed: readonly Scope[]): boolean {
  const { scopes } = rights.value ?? UNKNOWN
  const held = scopes.includes('run') ? [...scopes, 'talk'] : scopes
  return held.includes('admin') || needed.some((scope) => held.includes(scope))
}

/** Whether the page is in the server of a program, which has no routes for its operators. */
export const isMounted = () => (rights.value ?? UNKNOWN).mounted

/** The agents that a program offers to this caller; undefined: the caller may name any agent. */
export const offeredAgents = () => (rights.value ?? UNKNOWN).agents

/** Whether this caller works with the folder of the server, so that commands of a terminal are of use to it. */
export const mayUseCommands = () => may('admin') && !isMounted()

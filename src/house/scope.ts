import { z } from 'zod'
import { TerminalError } from '../errors.ts'

/**
 * Scopes: talk with agents, read own runs, run pipelines, answer for people, ask on threads, put agents, write memory,
 * read who did what. `run` includes `talk`. `admin` includes all of them, for every owner.
 */
export const KEY_SCOPES = ['talk', 'read', 'run', 'approve', 'ask', 'agents', 'memory', 'audit', 'admin'] as const

export type KeyScope = (typeof KEY_SCOPES)[number]

/** The scope that an operation needs, or several of which one suffices. */
export type NeededScope = KeyScope | readonly KeyScope[]

/** The scopes of an operation as a list. */
export const scopesIn = (needed: NeededScope): readonly KeyScope[] => [needed].flat() as readonly KeyScope[]

export function allows(scopes: readonly KeyScope[], needed: NeededScope): boolean {
  if (scopes.includes('admin')) return true
  return scopesIn(needed).some((scope) => scopes.includes(scope) || (scope === 'talk' && scopes.includes('run')))
}

/** The error for a missing scope. A visitor comes through a handler of the program, and has no key. */
export function scopeMissing(needed: NeededScope, caller: Lacking = {}): TerminalError {
  const [first, ...others] = scopesIn(needed)
  const message = `The scope ${[first, ...others].join(' or ')} is required.`
  return new TerminalError(message, { code: 'scope_missing', hint: hintFor(first!, caller) })
}

/** A caller that lacks a scope. */
type Lacking = {
  readonly owner?: string
  readonly scopes?: readonly KeyScope[]
  readonly visitor?: object | undefined
  readonly staff?: { readonly owners: 'all' | readonly string[] } | undefined
}

function hintFor(scope: KeyScope, { owner = '', scopes = [], visitor, staff }: Lacking): string {
  if (!visitor) return `Use a key that was made with --scope ${scope}.`
  const returned = 'let the function `owner` of the handler return'
  if (!staff && scope === 'audit') return 'Staff and an admin may do it.'
  if (!staff) return `To allow it, ${returned} { owner, scopes: ['talk', '${scope}'] }.`
  if (!STAFF_SCOPES.includes(scope)) return `Staff may have the scopes ${STAFF_SCOPES.join(', ')}. Use a key for it.`
  const quoted = (texts: readonly string[]) => `[${texts.map((text) => `'${text}'`).join(', ')}]`
  const all = quoted(STAFF_SCOPES.filter((one) => one === scope || scopes.includes(one)))
  const owners = staff.owners === 'all' ? "'all'" : quoted(staff.owners.slice(0, 3))
  return `To allow it, ${returned} { staff: '${owner.slice(EVERY_OWNER.length)}', scopes: ${all}, owners: ${owners} }.`
}

/** The owner of keys of staff. They see and answer for every owner, and do nothing else. */
export const EVERY_OWNER = '*'

/** The owner under which a person of staff is audited and limited. No owner has such a name. */
export const staffOwner = (name: string) => `${EVERY_OWNER}${name}`

export const STAFF_SCOPES: readonly KeyScope[] = ['read', 'approve', 'audit']

/** The error for an operation that only the local user may do. */
export function localOnly(): TerminalError {
  return new TerminalError('Only the user of the data folder may do this, on its own machine.', { code: 'local_only' })
}

/** Returns the value for admins; others get an error of code `scope_missing`. */
export function adminsOnly<T>({ isAdmin }: { readonly isAdmin: boolean }, what: T): T {
  if (!isAdmin) throw scopeMissing('admin')
  return what
}

/** An owner name: up to 64 letters, digits and `.`, `_`, `@`, `-`. */
export const ownerName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.@-]{0,63}$/, 'up to 64 letters, digits, dots, hyphens, underscores and @ are expected')

/** The owner of a key: a name, or `*` for staff. */
export const keyOwner = z.union([z.literal(EVERY_OWNER), ownerName])

/** The owner of an audited request: that of a key, or a person of staff as `*NAME`. */
export const auditOwner = z.union([keyOwner, z.string().startsWith(EVERY_OWNER).max(65)])

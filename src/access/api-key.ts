/**
 * Access control: API keys with their scopes, links for people without a key, the audit, and the idempotency keys of
 * requests, each an actor. Use it to decide what a caller may do. The rules for single runs, goals and threads are
 * in `http/authorize/`.
 */

import { z } from 'zod'
import { maybe, type Plain, time } from '../document.ts'
import { TerminalError } from '../errors.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorIndex, Turn } from '../kernel/types.ts'

/**
 * Scopes: talk with agents, read own runs, run pipelines, answer for people, ask on threads, put agents, write memory.
 * `run` includes `talk`. `admin` includes all of them, for every owner.
 */
export const KEY_SCOPES = ['talk', 'read', 'run', 'approve', 'ask', 'agents', 'memory', 'admin'] as const

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
export function scopeMissing(needed: NeededScope, { visitor }: { readonly visitor?: object } = {}): TerminalError {
  const scopes = scopesIn(needed)
  const hint = visitor
    ? `To allow it, let the function \`owner\` of the handler return { owner, scopes: ['talk', '${scopes[0]}'] }.`
    : `Use a key that was made with --scope ${scopes[0]}.`
  return new TerminalError(`The scope ${scopes.join(' or ')} is required.`, { code: 'scope_missing', hint })
}

/** The owner of keys of staff. They see and answer for every owner, and do nothing else. */
export const EVERY_OWNER = '*'

/** The owner under which a person of staff is audited and limited. No owner has such a name. */
export const staffOwner = (name: string) => `${EVERY_OWNER}${name}`

/** The scopes that staff may have. */
export const STAFF_SCOPES: readonly KeyScope[] = ['read', 'approve']

/** The error for an operation that only the local user may do. */
export function localOnly(): TerminalError {
  return new TerminalError('Only the user of the data folder may do this, on its own machine.', { code: 'local_only' })
}

/**
 * Returns the value for admins.
 * @throws an error of code `scope_missing` for others
 */
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

/** The fault in the scopes of a key; undefined: there is none. A key of staff has no other scopes than staff. */
function faultOfScopes({ owner, scopes }: Pick<KeyState, 'owner' | 'scopes'>): string | undefined {
  if (owner !== EVERY_OWNER) return undefined
  const other = scopes.find((scope) => !STAFF_SCOPES.includes(scope))
  return other && `expected only ${STAFF_SCOPES.join(' and ')} for a key of every owner, got ${other}`
}

/** Lifetime of a key in ms, at most a million days: dates end soon after. */
export const keyTtl = z
  .int()
  .positive()
  .max(1e6 * 86_400_000)

/** The fields of an API key that a caller may see. Times in ms since the epoch. */
export const keyFields = {
  name: z.string(),
  owner: z.string(),
  scopes: z.array(z.enum(KEY_SCOPES)),
  createdAt: time,
  expiresAt: maybe(time),
  revokedAt: maybe(time),
}

/**
 * The version of the meaning of scopes. In keys without a version, `run` includes `approve`: they were made before
 * that scope.
 */
const SCOPES_VERSION = 2

/** A stored API key. `hash`: SHA-256 of the secret. */
export type KeyState = Plain<z.ZodObject<typeof keyFields>> & { readonly hash: string; readonly version?: number }

/** The scopes of a stored key, as they are meant today. */
export function scopesOfKey({ scopes, version }: Pick<KeyState, 'scopes' | 'version'>): readonly KeyScope[] {
  return version === undefined && scopes.includes('run') ? [...new Set([...scopes, 'approve' as const])] : scopes
}

/** Messages to a key. `ttl` in ms. */
export type KeyMessage =
  | ({ readonly type: 'create'; readonly ttl?: number } & Pick<KeyState, 'name' | 'owner' | 'scopes' | 'hash'>)
  | { readonly type: 'revoke' }

const message: z.ZodType<KeyMessage> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('create'),
    name: z.string().min(1).max(200),
    owner: keyOwner,
    scopes: z.array(z.enum(KEY_SCOPES)).min(1),
    hash: z.string().length(64),
    ttl: keyTtl.exactOptional(),
  }),
  z.object({ type: z.literal('revoke') }),
])

/** `api-key/<id>`: an API key with its rights. A revoked key stays. */
export function keyActor(): Actor<KeyState | null, KeyMessage> {
  return defineActor<KeyState | null, KeyMessage>({
    kind: 'api-key',
    message,
    initial: () => null,
    async receive(state, asked, { now, self }) {
      if (asked.type === 'create') {
        const fault = faultOfScopes(asked)
        if (fault !== undefined) return { refuse: wrongScopes(fault), ...(!state && { stop: true }) }
        return state ? { refuse: taken(self.key) } : unchanged(createdKey(asked, await now()))
      }
      if (!state) return { refuse: missing(self.key), stop: true }
      return unchanged(state.revokedAt === undefined ? { ...state, revokedAt: await now() } : state)
    },
  })
}

function createdKey({ type: _, ttl, ...key }: KeyMessage & { readonly type: 'create' }, createdAt: number): KeyState {
  return { ...key, version: SCOPES_VERSION, createdAt, ...(ttl !== undefined && { expiresAt: createdAt + ttl }) }
}

/** The index holds everything except the hash. */
function unchanged(state: KeyState): Turn<KeyState> {
  const { hash: _, scopes, version, ...shown } = state
  const index: ActorIndex = { ...shown, scopes: scopes.join(','), ...(version !== undefined && { version }) }
  return { state, index, reply: { ...shown, scopes: scopesOfKey(state) } }
}

const wrongScopes = (message: string) => ({ code: 'invalid_input', name: 'InvalidError', message, terminal: true })

const missing = (id: string) => ({
  code: 'not_found',
  name: 'NotFoundError',
  message: `There is no API key ${id}.`,
  terminal: true,
})

const taken = (id: string) => ({
  code: 'id_taken',
  name: 'InvalidError',
  message: `The API key ${id} already exists.`,
  terminal: true,
})

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
 * Scopes: read own runs, run pipelines, ask on threads, put agents, write memory. `admin` includes all of them, for
 * every owner.
 */
export const KEY_SCOPES = ['read', 'run', 'ask', 'agents', 'memory', 'admin'] as const

export type KeyScope = (typeof KEY_SCOPES)[number]

export function allows(scopes: readonly KeyScope[], wanted: KeyScope): boolean {
  return scopes.includes(wanted) || scopes.includes('admin')
}

/** The error for a missing scope. */
export function scopeMissing(scope: KeyScope): TerminalError {
  const hint = `Use a key that was made with --scope ${scope}.`
  return new TerminalError(`The scope ${scope} is required.`, { code: 'scope_missing', hint })
}

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

/** A stored API key. `hash`: SHA-256 of the secret. */
export type KeyState = Plain<z.ZodObject<typeof keyFields>> & { readonly hash: string }

/** Messages to a key. `ttl` in ms. */
export type KeyMessage =
  | ({ readonly type: 'create'; readonly ttl?: number } & Pick<KeyState, 'name' | 'owner' | 'scopes' | 'hash'>)
  | { readonly type: 'revoke' }

const message: z.ZodType<KeyMessage> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('create'),
    name: z.string().min(1).max(200),
    owner: ownerName,
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
      if (asked.type === 'create')
        return state ? { refuse: taken(self.key) } : unchanged(createdKey(asked, await now()))
      if (!state) return { refuse: missing(self.key), stop: true }
      return unchanged(state.revokedAt === undefined ? { ...state, revokedAt: await now() } : state)
    },
  })
}

function createdKey({ type: _, ttl, ...key }: KeyMessage & { readonly type: 'create' }, createdAt: number): KeyState {
  return { ...key, createdAt, ...(ttl !== undefined && { expiresAt: createdAt + ttl }) }
}

/** The index holds everything except the hash. */
function unchanged(state: KeyState): Turn<KeyState> {
  const { hash: _, scopes, ...shown } = state
  const index: ActorIndex = { ...shown, scopes: scopes.join(',') }
  return { state, index, reply: { ...shown, scopes } }
}

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

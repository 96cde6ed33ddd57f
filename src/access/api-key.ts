import { z } from 'zod'
import { maybe, type Plain, time } from '../document.ts'
import { refusal, terminalProblem } from '../errors.ts'
import { type Act, recordAct } from '../house/act.ts'
import { type By, by } from '../house/by.ts'
import { EVERY_OWNER, KEY_SCOPES, keyOwner, STAFF_SCOPES } from '../house/scope.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorIndex, Turn } from '../kernel/types.ts'

/** The fault in the scopes of a key; undefined: there is none. A key of staff has no other scopes than staff. */
function faultOfScopes({ owner, scopes }: Pick<KeyState, 'owner' | 'scopes'>): string | undefined {
  if (owner !== EVERY_OWNER) return undefined
  const other = scopes.find((scope) => !STAFF_SCOPES.includes(scope))
  return other && `expected only ${STAFF_SCOPES.join(', ')} for a key of every owner, got ${other}`
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
  login: maybe(z.literal('wallet')).meta({ description: 'a login by wallet made it; the next login ends it' }),
  scopes: z.array(z.enum(KEY_SCOPES)),
  createdAt: time,
  expiresAt: maybe(time),
  revokedAt: maybe(time),
}

/** A stored API key. `hash`: SHA-256 of the secret. */
export type KeyState = Plain<z.ZodObject<typeof keyFields>> & { readonly hash: string }

const sender = (by as z.ZodType<By>).exactOptional()
const message = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('create'),
    name: z.string().min(1).max(200),
    owner: keyOwner,
    scopes: z.array(z.enum(KEY_SCOPES)).min(1),
    hash: z.string().length(64),
    ttl: keyTtl.exactOptional(),
    login: z.literal('wallet').exactOptional(),
    by: sender,
  }),
  z.object({ type: z.literal('revoke'), by: sender }),
  z.object({ type: z.literal('end') }),
])

/** Messages to a key. `ttl` in ms. */
export type KeyMessage = Plain<typeof message>

/** `api-key/<id>`: an API key with its rights. A revoked key stays, and a key of a login leaves with it. */
export function keyActor(): Actor<KeyState | null, KeyMessage> {
  return defineActor<KeyState | null, KeyMessage>({
    kind: 'api-key',
    message,
    initial: () => null,
    async receive(state, asked, { now, self }) {
      if (asked.type === 'end') return { stop: true, reply: true }
      if (asked.type === 'create') {
        const fault = faultOfScopes(asked)
        if (fault !== undefined) return { refuse: wrongScopes(fault), ...(!state && { stop: true }) }
        if (state) return { refuse: taken(self.key) }
        const created = createdKey(asked, await now())
        return { ...unchanged(created), ...recorded(self.key, created, 'key-created', created.createdAt, asked.by) }
      }
      if (!state) return { refuse: missing(self.key), stop: true }
      if (state.revokedAt !== undefined) return unchanged(state)
      const revokedAt = await now()
      const revoked = { ...state, revokedAt }
      return { ...unchanged(revoked), ...recorded(self.key, revoked, 'key-revoked', revokedAt, asked.by) }
    },
  })
}

const recorded = (target: string, { owner }: KeyState, what: Act['what'], at: number, by: By | undefined) =>
  by ? { send: [recordAct({ at, owner, what, by, target })] } : {}

function createdKey(
  { type: _, by: __, ttl, ...key }: KeyMessage & { readonly type: 'create' },
  createdAt: number,
): KeyState {
  return { ...key, createdAt, ...(ttl !== undefined && { expiresAt: createdAt + ttl }) }
}

/** The index holds everything except the hash. */
function unchanged(state: KeyState): Turn<KeyState> {
  const { hash: _, ...shown } = state
  const index: ActorIndex = { ...shown, scopes: shown.scopes.join(',') }
  return { state, index, reply: shown }
}

const wrongScopes = (message: string) => refusal({ code: 'invalid_input', message })

const missing = (id: string) =>
  terminalProblem({ code: 'not_found', name: 'NotFoundError', message: `There is no API key ${id}.` })

const taken = (id: string) => refusal({ code: 'id_taken', message: `The API key ${id} already exists.` })

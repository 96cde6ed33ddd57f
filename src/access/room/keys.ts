import type { Clock, Engine } from '../../engine/engine.ts'
import { NotFoundError, TerminalError } from '../../errors.ts'
import { keyIn } from '../../house/paging.ts'
import { callerOf } from '../../house/request-caller.ts'
import { EVERY_OWNER, type KeyScope } from '../../house/scope.ts'
import { present } from '../../lib/json/present.ts'
import { type KeyMessage, type KeyState, scopesOfKey } from '../api-key.ts'
import { isTokenId, newToken, readToken, sameHash } from '../token.ts'
import type { ApiKey } from './documents.ts'
import type { Keys } from './port.ts'

type Parts = {
  readonly engine: Engine
  readonly clock: Clock
  readonly known: KnownKeys
  checkOwner(owner: string): Promise<void>
  checkName(owner: string): void
}

/** Opens the API keys. */
export function openKeys({ engine, clock, known, checkOwner, checkName }: Parts): Keys {
  async function tell(id: string, message: KeyMessage): Promise<ApiKey> {
    const key = (await engine.ask(keyRef(id), message)) as Omit<ApiKey, 'id'>
    return { id, ...key }
  }

  return {
    async create({ id: given, scopes, ...request }) {
      checkName(request.owner)
      if (request.owner !== EVERY_OWNER) await checkOwner(request.owner)
      const { id, token, hash } = newToken('ak', given)
      return {
        ...(await tell(id, {
          type: 'create',
          ...present({ by: callerOf() }),
          ...request,
          scopes: [...new Set(scopes)],
          hash,
        })),
        token,
      }
    },
    async list({ owner, after, limit = 100 } = {}) {
      const where = owner === undefined ? {} : { where: { owner } }
      const listed = await engine.view.list('api-key', { ...where, ...keyIn(after, isTokenId), limit })
      return listed.map(({ key: id, index: { version, scopes, ...shown } }) => {
        const stored = { scopes: scopesIn(scopes), ...(version !== undefined && { version: Number(version) }) }
        return { id, ...shown, scopes: scopesOfKey(stored) } as ApiKey
      })
    },
    async revoke(id) {
      if (!isTokenId(id)) throw new NotFoundError(`There is no API key ${id}.`)
      const key = await tell(id, { type: 'revoke', ...present({ by: callerOf() }) })
      known.forget(id)
      return key
    },
    async identify(token) {
      const read = readToken('ak', token)
      const key = read && (await known.find(read.id))
      if (!read || !key || !sameHash(key.hash, read.hash)) throw refused('This API key is unknown.')
      if (key.revokedAt !== undefined) throw refused('This API key is revoked.')
      if (key.expiresAt !== undefined && key.expiresAt <= clock.now()) throw refused('This API key has expired.')
      const { hash: _, version: __, ...shown } = key
      return { id: read.id, ...shown, scopes: scopesOfKey(key) }
    },
  }
}

const keyRef = (id: string) => ({ kind: 'api-key', key: id })
const scopesIn = (text: unknown) => String(text).split(',') as readonly KeyScope[]

/** ms after which a cached key is read again, and the number of cached keys. */
const FRESH_MS = 1_000
const MAX_KNOWN_KEYS = 10_000

/** Keys as they were a moment ago: a request does not wait for a disk or for another machine. */
export interface KnownKeys {
  find(id: string): Promise<KeyState | undefined>
  forget(id: string): void
  /** Each key is read again from now on. */
  forgetAll(): void
}

/** The keys that this process remembers. */
export function knownKeys({ engine, clock }: { readonly engine: Engine; readonly clock: Clock }): KnownKeys {
  type Known = { readonly at: number; readonly key: Promise<KeyState | undefined> }
  const known = new Map<string, Known>()

  async function look(id: string): Promise<KeyState | undefined> {
    return ((await engine.view.peek(keyRef(id))) ?? undefined) as KeyState | undefined
  }

  return {
    forget: (id: string) => void known.delete(id),
    forgetAll: () => known.clear(),
    async find(id: string): Promise<KeyState | undefined> {
      const found = known.get(id)
      if (found && clock.elapsed() - found.at < FRESH_MS) return found.key
      known.delete(id)
      if (known.size >= MAX_KNOWN_KEYS) known.delete(known.keys().next().value!)
      // cached before the lookup ends, so that an invalidation in the meantime is not overwritten
      const entry: Known = { at: clock.elapsed(), key: look(id) }
      known.set(id, entry)
      const key = await entry.key.catch(() => undefined)
      if (!key && known.get(id) === entry) known.delete(id)
      return entry.key
    },
  }
}

/** The error for a rejected key. Its scheme tells clients how to authenticate. */
export function refused(message: string): TerminalError {
  const hint = 'Make one with "antiphon keys api create NAME", and send it as: Authorization: Bearer TOKEN'
  return new TerminalError(message, { code: 'unauthenticated', hint })
}

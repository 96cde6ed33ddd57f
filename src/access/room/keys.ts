import type { Clock, Engine } from '../../engine/engine.ts'
import { NotFoundError, TerminalError } from '../../errors.ts'
import { keyIn } from '../../house/paging.ts'
import { callerOf } from '../../house/request-caller.ts'
import { EVERY_OWNER, type KeyScope } from '../../house/scope.ts'
import { present } from '../../lib/json/present.ts'
import type { KeyMessage, KeyState } from '../api-key.ts'
import { isTokenId, newToken, readToken, sameHash } from '../token.ts'
import type { ApiKey } from './documents.ts'
import type { Known } from './known.ts'
import type { Keys } from './port.ts'

type Parts = {
  readonly engine: Engine
  readonly clock: Clock
  readonly known: Known<KeyState>
  checkOwner(owner: string): Promise<void>
  checkName(owner: string): void
}

/** API keys, also by an id: a session of a browser has no token of its key. The errors are those of `identify`. */
type OpenedKeys = Keys & { identifyById(id: string): Promise<ApiKey> }

export function openKeys({ engine, clock, known, checkOwner, checkName }: Parts): OpenedKeys {
  async function tell(id: string, message: KeyMessage): Promise<ApiKey> {
    const key = (await engine.ask({ kind: 'api-key', key: id }, message)) as Omit<ApiKey, 'id'>
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
      return listed.map(({ key: id, index }) => ({ id, ...index, scopes: scopesIn(index.scopes) }) as ApiKey)
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
      return shownIfGood(read.id, key, clock.now())
    },
    async identifyById(id) {
      const key = await known.find(id)
      if (!key) throw refused('The API key of this session is gone.')
      return shownIfGood(id, key, clock.now())
    },
  }
}

function shownIfGood(id: string, key: KeyState, now: number): ApiKey {
  if (key.revokedAt !== undefined) throw refused('This API key is revoked.')
  if (key.expiresAt !== undefined && key.expiresAt <= now) throw refused('This API key has expired.')
  const { hash: _, ...shown } = key
  return { id, ...shown }
}
const scopesIn = (text: unknown) => String(text).split(',') as readonly KeyScope[]

/** The error for a rejected key. Its scheme tells clients how to authenticate. */
export function refused(message: string): TerminalError {
  const hint = 'Make one with "antiphon keys api create NAME", and send it as: Authorization: Bearer TOKEN'
  return new TerminalError(message, { code: 'unauthenticated', hint })
}

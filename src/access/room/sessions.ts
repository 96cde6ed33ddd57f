import type { Clock, Engine } from '../../engine/engine.ts'
import { endOfSession, type SessionState, USE_RESOLUTION_MS } from '../session.ts'
import { newToken, readToken, sameHash } from '../token.ts'
import type { openKeys } from './keys.ts'
import type { Known } from './known.ts'
import type { KeySessions } from './port.ts'

type Parts = {
  readonly engine: Engine
  readonly clock: Clock
  readonly keys: Pick<ReturnType<typeof openKeys>, 'identify' | 'identifyById'>
  readonly known: Known<SessionState>
}

/** Opens the sessions of browsers. They are stored, so a restart of the server ends none. */
export function openSessions({ engine, clock, keys, known }: Parts): KeySessions {
  const ask = (id: string, body: Parameters<Engine['ask']>[1]) => engine.ask({ kind: 'session', key: id }, body)

  async function find(token: string): Promise<(SessionState & { readonly id: string }) | undefined> {
    const read = readToken('se', token)
    const state = read && (await known.find(read.id))
    if (!state || !sameHash(state.hash, read.hash) || clock.now() >= endOfSession(state)) return undefined
    return { id: read.id, ...state }
  }

  async function noteUse({ id, usedAt }: { readonly id: string; readonly usedAt: number }): Promise<void> {
    if (clock.now() - usedAt < USE_RESOLUTION_MS) return
    known.forget(id)
    // a process that cannot write answers all the same, and the session ends earlier
    await ask(id, { type: 'use' }).catch(() => {})
  }

  return {
    async open(keyToken) {
      const { id: key, owner } = await keys.identify(keyToken)
      const { id, token, hash } = newToken('se')
      await ask(id, { type: 'open', hash, key, owner })
      return token
    },
    async identify(token) {
      const session = await find(token)
      if (!session) return undefined
      const key = await keys.identifyById(session.key)
      await noteUse(session)
      return key
    },
    async close(token) {
      const session = await find(token)
      if (!session) return
      await ask(session.id, { type: 'close' })
      known.forget(session.id)
    },
  }
}

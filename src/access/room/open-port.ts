import type { House } from '../../house/house.ts'
import { ownerField } from '../../lib/owner.ts'
import type { KeyState } from '../api-key.ts'
import type { SessionState } from '../session.ts'
import { openAudit } from './audit.ts'
import { openKeys } from './keys.ts'
import { type Known, knownStates } from './known.ts'
import { type LinkedRuns, openLinks } from './links.ts'
import { type LoginConfig, openLogins } from './logins.ts'
import type { AccessPort, Requests } from './port.ts'
import { openSessions } from './sessions.ts'

/** The needs of access: the runs that links answer, and which names keys may not have. */
export type AccessNeeds = {
  readonly linkedRuns: LinkedRuns
  readonly config: LoginConfig
  /** @throws an error of code `owner_reserved` for a name that antiphon uses itself */
  checkName(owner: string): void
}

type AccessHouse = Pick<House, 'engine' | 'clock' | 'checkOwner'> & AccessNeeds

/** Opens keys, their sessions, links, the audit and the idempotency keys of a house. */
export function openAccess(house: AccessHouse): AccessPort {
  const { engine, clock, linkedRuns: runs } = house
  const knownKeys = knownStates<KeyState>('api-key', house)
  const knownSessions = knownStates<SessionState>('session', house)
  const keys = openKeys({ ...house, known: knownKeys })
  const port = {
    keys,
    sessions: openSessions({ engine, clock, keys, known: knownSessions }),
    links: openLinks({ engine, clock, runs }),
    logins: openLogins({ ...house, known: knownKeys }),
    audit: openAudit(house),
  }
  knownBy.set(port, [knownKeys, knownSessions])
  return port
}

const knownBy = new WeakMap<AccessPort, readonly Known<unknown>[]>()

/** A process remembers keys and sessions for a moment. Each is read again from now on. */
export const forgetKnown = (port: AccessPort): void => knownBy.get(port)?.forEach((known) => known.forgetAll())

export function openRequests({ engine, checkOwner }: Pick<House, 'engine' | 'checkOwner'>): Requests {
  return {
    async claimRequest(id, asked, owner) {
      if (owner !== undefined) await checkOwner(owner)
      const body = { type: 'claim', asked, ...ownerField(owner) }
      return (await engine.ask({ kind: 'request', key: id }, body)) as 'new' | 'again'
    },
    async claimedRequest(id) {
      const asked = (await engine.view.peek({ kind: 'request', key: id })) as string | null | undefined
      return asked ?? undefined
    },
    async releaseRequest(id, asked) {
      await engine.ask({ kind: 'request', key: id }, { type: 'release', asked })
    },
  }
}

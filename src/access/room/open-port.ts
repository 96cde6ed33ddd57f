import type { House } from '../../house/house.ts'
import { ownerField } from '../../lib/owner.ts'
import { openAudit } from './audit.ts'
import { type KnownKeys, knownKeys, openKeys } from './keys.ts'
import { type LinkedRuns, openLinks } from './links.ts'
import type { AccessPort, Requests } from './port.ts'

/** The needs of access: the runs that links answer, and which names keys may not have. */
export type AccessNeeds = {
  readonly linkedRuns: LinkedRuns
  /** @throws an error of code `owner_reserved` for a name that antiphon uses itself */
  checkName(owner: string): void
}

type AccessHouse = Pick<House, 'engine' | 'clock' | 'checkOwner'> & AccessNeeds

/** Opens keys, links, the audit and the idempotency keys of a house. */
export function openAccess(house: AccessHouse): AccessPort {
  const { engine, clock, linkedRuns: runs } = house
  const known = knownKeys(house)
  const port = {
    keys: openKeys({ ...house, known }),
    links: openLinks({ engine, clock, runs }),
    audit: openAudit(house),
  }
  knownBy.set(port, known)
  return port
}

const knownBy = new WeakMap<AccessPort, KnownKeys>()

/** A process remembers keys for a moment. Each is read again from now on. */
export const forgetKnownKeys = (port: AccessPort): void => knownBy.get(port)?.forgetAll()

/** Opens the idempotency keys of requests. */
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

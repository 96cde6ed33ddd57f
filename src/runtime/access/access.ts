import type { Clock, Engine } from '../../engine/engine.ts'
import { ownerField } from '../../lib/owner.ts'
import type { AccessPort } from '../ports/access.ts'
import type { ServingPort } from '../ports/serving.ts'
import { runtimeAudit } from './audit.ts'
import { type KnownKeys, runtimeKeys } from './keys.ts'
import { type LinkedRuns, runtimeLinks } from './links.ts'

type Parts = {
  readonly engine: Engine
  readonly clock: Clock
  readonly runs: LinkedRuns
  readonly known: KnownKeys
  checkOwner(owner: string): Promise<void>
  checkName(owner: string): void
}

/** Keys, links and the audit of a runtime. */
export function createAccessPort({ engine, clock, runs, ...parts }: Parts): AccessPort {
  return {
    keys: runtimeKeys({ engine, clock, ...parts }),
    links: runtimeLinks({ engine, clock, runs }),
    audit: runtimeAudit({ engine, clock }),
  }
}

/** Idempotency keys of requests. */
export function runtimeRequests({
  engine,
  checkOwner,
}: Pick<Parts, 'engine' | 'checkOwner'>): Pick<ServingPort, 'claimRequest' | 'claimedRequest' | 'releaseRequest'> {
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

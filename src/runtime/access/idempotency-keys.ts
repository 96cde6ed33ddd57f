import type { Engine } from '../../engine/engine.ts'
import type { ServingPort } from '../ports/serving.ts'

/** Idempotency keys of requests. */
export function runtimeRequests({
  engine,
}: {
  readonly engine: Engine
}): Pick<ServingPort, 'claimRequest' | 'claimedRequest' | 'releaseRequest'> {
  return {
    async claimRequest(id, asked) {
      return (await engine.ask({ kind: 'request', key: id }, { type: 'claim', asked })) as 'new' | 'again'
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

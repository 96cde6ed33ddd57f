import { problemOf, TerminalError } from '../../errors.ts'
import { generateInPool, type PoolGenerateOptions } from '../../model/pool/generate-in-pool.ts'
import { tellReply } from '../../model/reply/failed-reply.ts'
import type { ModelReply, ModelRequest } from '../../model/request/request.ts'
import { failureOfCall } from '../../work/ask-model.ts'
import { type ProviderWait, waitTerms } from '../../work/provider-wait.ts'
import { isWait } from '../../work/suspension.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import { WORKERS_UNHEALTHY } from '../../worker/worker.ts'
import type { ChainServices } from '../protocol/phase.ts'

/** The services of a call. `waited`: its phase has waited for its provider. */
type CallScope = {
  readonly services: Pick<ChainServices, 'models' | 'patience' | 'redact'>
  readonly pool: WorkPool
  readonly waited?: ProviderWait | undefined
}

/** Calls a model. `mayWait`: its provider is worth a wait. */
export async function callOnce(
  { services, pool, waited }: CallScope,
  request: ModelRequest,
  options: PoolGenerateOptions,
  mayWait: boolean,
): Promise<ModelReply> {
  const { patience, redact } = services
  const terms = waitTerms(patience, pool, { wait: waited, ...(redact && { hide: redact }) })
  return generateInPool(pool, services.models, request, options).catch((error: unknown) => {
    throw withoutWaiting(mayWait ? failureOfCall(error, terms) : tellReply(error, redact))
  })
}

/** A caller waits, so an unhealthy model fails at once and another one can answer. */
export function withoutWaiting(error: unknown): unknown {
  const { code, message } = problemOf(error)
  return code === WORKERS_UNHEALTHY && !isWait(error) ? new TerminalError(message, { code, cause: error }) : error
}

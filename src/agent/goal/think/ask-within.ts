import { is } from '../../../errors.ts'
import { remedyOf } from '../../../model/call/failure-kinds.ts'
import { countingFailed, failedUsageOf, withSpent } from '../../../model/cost/usage.ts'
import type { ModelReply, ModelRequest } from '../../../model/request/request.ts'
import { sizeOfRequest } from '../../context/fit-rounds.ts'

type Asking = {
  /** the window of the model in tokens, if it is known */
  readonly known: number
  /** The request that fits into a window. */
  requestFor(window: number): ModelRequest
  /** Asks the model. */
  askFor(request: ModelRequest): Promise<ModelReply>
}

/**
 * Asks the model for a round. When the provider refuses the request as too long, the rounds are fitted into half of the
 * window and the model is asked again, until nothing is left to shorten. Rejects with the error of the last request.
 */
export async function askWithin({
  known,
  requestFor,
  askFor,
}: Asking): Promise<{ readonly reply: ModelReply; readonly window: number; readonly request: ModelRequest }> {
  let request = requestFor(known)
  let failed: unknown
  for (let window = known; ; ) {
    try {
      return { reply: countingFailed(await askFor(request), failed), window, request }
    } catch (error) {
      const isTooLong = is(error) && remedyOf(error.code) === 'shrink'
      const shorter = isTooLong ? shorterThan(request, window, requestFor) : undefined
      failed = withSpent(error, failedUsageOf(failed))
      if (!shorter) throw failed
      window = shorter.window
      request = shorter.request
    }
  }
}

/** Windows below this many tokens hold no conversation. */
const SMALLEST_WINDOW = 256

function shorterThan(request: ModelRequest, window: number, requestFor: Asking['requestFor']) {
  const size = sizeOfRequest(request)
  for (let smaller = Math.floor(window / 2); smaller >= SMALLEST_WINDOW; smaller = Math.floor(smaller / 2)) {
    const next = requestFor(smaller)
    if (sizeOfRequest(next) < size) return { window: smaller, request: next }
  }
  return undefined
}

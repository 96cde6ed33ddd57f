import type { ServerContext } from '@modelcontextprotocol/server'

/** ms between two notifications about one call. */
const MIN_INTERVAL_MS = 1_000

/**
 * Tells a client how far its call got, if it asked for that. A client
 * then knows that the call is alive, and the run behind it.
 */
export function progressTeller({ mcpReq: { _meta, notify } }: ServerContext): (message: string) => Promise<void> {
  const progressToken = _meta?.progressToken
  let progress = 0
  let last = Number.NEGATIVE_INFINITY
  return async (message) => {
    progress++
    if (progressToken === undefined || performance.now() - last < MIN_INTERVAL_MS) return
    last = performance.now()
    await notify({ method: 'notifications/progress', params: { progressToken, progress, message } })
  }
}

import { CancelledError } from '../../errors.ts'
import type { Envelope } from '../../kernel/types.ts'
import { createBus } from '../bus.ts'

export interface InlineReplies {
  /** Resolves with the reply to the request of that id. Rejects when the signal aborts. */
  reply(id: string, signal: AbortSignal | undefined): Promise<Envelope>
  deliver(reply: Envelope): void
  rejectAll(error: Error): void
}

export function createInlineReplies(): InlineReplies {
  const waiters = createBus<Envelope>()
  const askers = new Set<(error: Error) => void>()
  return {
    reply(id, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<Envelope>()
      const stop = () => reject(new CancelledError('The caller disconnected; the work continues.'))
      const leave = waiters.subscribe(id, resolve)
      if (signal?.aborted) stop()
      signal?.addEventListener('abort', stop, { once: true })
      askers.add(reject)
      return promise.finally(() => {
        askers.delete(reject)
        leave()
        signal?.removeEventListener('abort', stop)
      })
    },
    deliver: (reply) => waiters.publish(reply.to.key, reply),
    rejectAll(error) {
      for (const reject of askers) reject(error)
    },
  }
}

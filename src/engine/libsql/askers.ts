import { CancelledError } from '../../errors.ts'
import type { Envelope } from '../../kernel/types.ts'
import type { Known } from './known.ts'

/** Those in this process who wait for a reply. */
export interface Askers {
  /** Resolves with the reply; rejects when the asker leaves by its signal, or all are sent away. */
  wait(known: Known, signal: AbortSignal | undefined): Promise<Envelope>
  sendAway(error: Error): void
}

export function createAskers(): Askers {
  const waiting = new Set<(error: Error) => void>()
  return {
    wait(known, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<Envelope>()
      const leave = () => reject(new CancelledError('the asker went away; the work goes on'))
      known.waiters.add(resolve)
      waiting.add(reject)
      if (signal?.aborted) leave()
      signal?.addEventListener('abort', leave, { once: true })
      return promise.finally(() => {
        known.waiters.delete(resolve)
        waiting.delete(reject)
        signal?.removeEventListener('abort', leave)
      })
    },
    sendAway(error) {
      for (const reject of waiting) reject(error)
    },
  }
}

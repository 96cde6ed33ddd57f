import type { IdGenerator } from '@opentelemetry/sdk-trace'

type Own = { readonly traceId: string; readonly spanId: string }

/** Random ids, but for what is to be called by an id of its own. */
export type Ids = IdGenerator & { forced<T>(own: Own, start: () => T): T }

export function createIds(random: IdGenerator): Ids {
  let forced: Own | undefined
  return {
    generateTraceId: () => forced?.traceId ?? random.generateTraceId(),
    generateSpanId: () => forced?.spanId ?? random.generateSpanId(),
    forced(own, start) {
      forced = own
      try {
        return start()
      } finally {
        forced = undefined
      }
    },
  }
}

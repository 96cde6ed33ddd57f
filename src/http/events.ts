import { z } from 'zod'
import type { Sent } from './sse.ts'
import { feedFrom } from './stream/pump.ts'
import { streamResponse } from './stream/response.ts'

/** The query of an event stream: only durable events after that number. */
export const eventsQuery = z.object({ after: z.coerce.number().int().min(0).optional() })

/** Where to read on: the query's number, else the one a client that lost its connection names. */
export function startAfter(query: z.infer<typeof eventsQuery>, lastEventId: string | undefined): number {
  if (query.after !== undefined) return query.after
  const last = Number(lastEventId ?? 0)
  return Number.isSafeInteger(last) && last > 0 ? last : 0
}

/** A stream of events that ends with its source or when the client leaves; an error on the way is its last event. */
export function eventStream(source: (leaving: AbortSignal) => AsyncIterable<Sent>): Response {
  return streamResponse(feedFrom(source))
}

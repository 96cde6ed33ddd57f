import { z } from 'zod'
import type { Sent } from '../wire/sse.ts'
import { feedFrom } from './pump.ts'
import { streamResponse } from './response.ts'

/** The query of an event stream: only durable events after that number. */
export const eventsQuery = z.object({ after: z.coerce.number().int().min(0).optional() })

/** Where to read on: after the query's number, or further on after the one that a client names which lost its connection. */
export function startAfter({ after = 0 }: z.infer<typeof eventsQuery>, lastEventId: string | undefined): number {
  const last = Number(lastEventId ?? 0)
  return Number.isSafeInteger(last) ? Math.max(after, last) : after
}

/** A stream of events that ends with its source or when the client leaves; an error on the way is its last event. */
export function eventStream(source: (leaving: AbortSignal) => AsyncIterable<Sent>): Response {
  return streamResponse(feedFrom(source))
}

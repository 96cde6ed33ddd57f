import { type AutoResetEvent, createAutoResetEvent } from '../../engine/bus.ts'
import { encodeEvent, encodeFault, type Sent } from '../wire/sse.ts'
import type { Feed, Outlet } from './event-sink.ts'
import { streamResponse } from './response.ts'

/** The number after which to read: the query's, or a later one that a reconnecting client names. */
export function startAfter(
  { after = 0 }: { readonly after?: number | undefined },
  lastEventId: string | undefined,
): number {
  const last = Number(lastEventId ?? 0)
  return Number.isSafeInteger(last) ? Math.max(after, last) : after
}

/**
 * A stream of events. It ends with its source, or when the client leaves. An error during the stream is its last event.
 */
export function eventStream(source: (leaving: AbortSignal) => AsyncIterable<Sent>): Response {
  return streamResponse(feedFrom(source))
}

/** Writes the events of a source into a sink. An error becomes the last event. */
function feedFrom(source: (leaving: AbortSignal) => AsyncIterable<Sent>): Feed {
  return (outlet) => {
    const leaving = new AbortController()
    const room = createAutoResetEvent()
    void pump(source(leaving.signal), outlet, room, leaving)
    return {
      ready: room.set,
      leave() {
        leaving.abort()
        room.set()
      },
    }
  }
}

async function pump(
  events: AsyncIterable<Sent>,
  outlet: Outlet,
  room: AutoResetEvent,
  leaving: AbortController,
): Promise<void> {
  try {
    for await (const event of events) {
      if (leaving.signal.aborted) return
      if (!outlet.write(encodeEvent(event))) await room.wait()
    }
  } catch (error) {
    if (!leaving.signal.aborted) outlet.write(encodeFault(error))
  }
  if (leaving.signal.aborted) return
  outlet.end()
  leaving.abort()
}

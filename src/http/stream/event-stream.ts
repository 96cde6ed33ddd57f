import { type AutoResetEvent, createAutoResetEvent } from '../../engine/bus.ts'
import { encodeEvent, encodeFault, type Sent } from '../wire/sse.ts'
import type { Feed, Outlet } from './event-sink.ts'
import { type StreamHeaders, streamResponse } from './response.ts'

/** The number after which to read: the query's, or a later one that a reconnecting client names. */
export function startAfter(
  { after = 0 }: { readonly after?: number | undefined },
  lastEventId: string | undefined,
): number {
  const last = Number(lastEventId ?? 0)
  return Number.isSafeInteger(last) ? Math.max(after, last) : after
}

/** A stream that ends with its source, or when the client leaves. An error on the way is its last event. */
export function eventStream(source: (leaving: AbortSignal) => AsyncIterable<Sent>): Response {
  return frameStream((leaving) => encoded(source(leaving)), { fault: encodeFault })
}

async function* encoded(events: AsyncIterable<Sent>): AsyncGenerator<string> {
  for await (const event of events) yield encodeEvent(event)
}

/** A stream of frames that a protocol encodes itself. `fault` is its last frame after an error. */
export function frameStream(
  source: (leaving: AbortSignal) => AsyncIterable<string>,
  { fault, headers }: { readonly fault: (error: unknown) => string; readonly headers?: StreamHeaders },
): Response {
  return streamResponse(feedFrom(source, fault), headers)
}

/** Writes the frames of a source into a sink. */
function feedFrom(source: (leaving: AbortSignal) => AsyncIterable<string>, fault: (error: unknown) => string): Feed {
  return (outlet) => {
    const leaving = new AbortController()
    const room = createAutoResetEvent()
    void pump(faulted(source(leaving.signal), fault, leaving.signal), outlet, room, leaving)
    return {
      ready: room.set,
      leave() {
        leaving.abort()
        room.set()
      },
    }
  }
}

async function* faulted(
  frames: AsyncIterable<string>,
  fault: (error: unknown) => string,
  leaving: AbortSignal,
): AsyncGenerator<string> {
  try {
    yield* frames
  } catch (error) {
    if (!leaving.aborted) yield fault(error)
  }
}

async function pump(
  frames: AsyncIterable<string>,
  outlet: Outlet,
  room: AutoResetEvent,
  leaving: AbortController,
): Promise<void> {
  for await (const frame of frames) {
    if (leaving.signal.aborted) return
    if (!outlet.write(frame)) await room.wait()
  }
  if (leaving.signal.aborted) return
  outlet.end()
  leaving.abort()
}

import { type Bell, createBell } from '../../engine/bus.ts'
import { encodeEvent, encodeFault, type Sent } from '../wire/sse.ts'
import type { Feed, Outlet } from './event-sink.ts'

/** Fills an outlet with what a source of its own yields; an error on the way is the last event. */
export function feedFrom(source: (leaving: AbortSignal) => AsyncIterable<Sent>): Feed {
  return (outlet) => {
    const leaving = new AbortController()
    const room = createBell()
    void pump(source(leaving.signal), outlet, room, leaving)
    return {
      ready: room.ring,
      leave() {
        leaving.abort()
        room.ring()
      },
    }
  }
}

async function pump(events: AsyncIterable<Sent>, outlet: Outlet, room: Bell, leaving: AbortController): Promise<void> {
  try {
    for await (const event of events) {
      if (leaving.signal.aborted) return
      if (!outlet.write(encodeEvent(event))) await room.heard()
    }
  } catch (error) {
    if (!leaving.signal.aborted) outlet.write(encodeFault(error))
  }
  if (leaving.signal.aborted) return
  outlet.end()
  leaving.abort()
}

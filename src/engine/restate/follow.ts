import { setTimeout as sleep } from 'node:timers/promises'
import type { Json } from '../../kernel/json.ts'
import { type ActorRef, nameOf } from '../../kernel/ref.ts'
import { type AutoResetEvent, type Bus, createAutoResetEvent } from '../bus.ts'
import type { EventsOptions, NumberedEvent } from '../engine.ts'
import { STATE_PAGE_SIZE } from './limits.ts'
import type { EventsPage, EventsQuery } from './state/read.ts'

type ReadEvents = (query: EventsQuery) => Promise<Json>
/** Resolves with false after that many ms, or when the signal is aborted. */
type WaitFor = (ms: number, signal: AbortSignal) => Promise<boolean>

/** ms between two polls: short after an event, longer and longer without events. */
const MIN_POLL_MS = 5
const MAX_POLL_MS = 500

/**
 * Yields durable events, then live ones, until the signal or until the actor is deleted. It polls at once when a turn
 * ends on this node, and otherwise twice a second, because the turn may run on another node.
 */
export async function* followEvents(
  read: ReadEvents,
  changes: Bus<unknown>,
  of: ActorRef,
  { after = 0, signal, live = true }: EventsOptions = {},
  rest: WaitFor = pauseFor,
): AsyncGenerator<NumberedEvent> {
  const arrival = createAutoResetEvent()
  const leave = changes.subscribe(nameOf(of), arrival.set)
  signal?.addEventListener('abort', arrival.set, { once: true })
  let seen: SeenEvent | undefined
  try {
    for (let pause = MIN_POLL_MS; !signal?.aborted; ) {
      const page = (await read({ after: seen?.n ?? after, limit: STATE_PAGE_SIZE }).catch((error: unknown) => {
        // a reader that has left gets no error, even if the engine stops during its last read
        if (!signal?.aborted) throw error
      })) as EventsPage | undefined
      if (!page) return
      if (seen && isGone(page, seen)) return
      if (page.last !== null) seen ??= { n: after }
      for (const { by, ...event } of page.events) {
        if (signal?.aborted) return
        yield event
        seen = { n: event.n, by }
      }
      if (page.events.length === 0 && !live) return
      if (page.events.length > 0) pause = MIN_POLL_MS
      else pause = (await heard(arrival, pause, rest)) ? MIN_POLL_MS : Math.min(MAX_POLL_MS, pause * 2)
    }
  } finally {
    leave()
    signal?.removeEventListener('abort', arrival.set)
  }
}

/** The last yielded event, and the message whose turn published it. */
type SeenEvent = { readonly n: number; readonly by?: string | undefined }

/** Whether the actor was deleted. A new actor of the same name counts from one, and may already have more events. */
function isGone({ last, before }: EventsPage, seen: SeenEvent): boolean {
  if (last === null || last < seen.n) return true
  return before !== undefined && seen.by !== undefined && before !== seen.by
}

const pauseFor: WaitFor = (ms, signal) => sleep(ms, false, { signal }).catch(() => false)

async function heard(arrival: AutoResetEvent, pause: number, rest: WaitFor): Promise<boolean> {
  const timer = new AbortController()
  const rung = await Promise.race([arrival.wait().then(() => true), rest(pause, timer.signal)])
  timer.abort()
  return rung
}

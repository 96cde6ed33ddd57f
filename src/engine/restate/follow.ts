import { setTimeout as sleep } from 'node:timers/promises'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { type Bell, type Bus, createBell } from '../bus.ts'
import type { Numbered } from '../engine.ts'
import { nameOf } from '../mailbox.ts'
import type { EventsPage, EventsQuery } from './read.ts'

type From = { readonly after?: number; readonly signal?: AbortSignal }
type Read = (query: EventsQuery) => Promise<Json>

const PAGE = 100
/** ms between two looks: soon after something happened, later and later while nothing does. */
const SOONEST = 5
const LATEST = 500

/** The durable events, then live ones, until the signal or until the actor is gone: asks again and again, at once when a turn ended on this node. */
export async function* followEvents(
  read: Read,
  happened: Bus<unknown>,
  of: ActorRef,
  { after = 0, signal }: From = {},
): AsyncGenerator<Numbered> {
  const bell = createBell()
  const leave = happened.listen(nameOf(of), bell.ring)
  signal?.addEventListener('abort', bell.ring, { once: true })
  let seen = false
  try {
    for (let last = after, pause = SOONEST; !signal?.aborted; ) {
      const page = (await read({ after: last, limit: PAGE })) as unknown as EventsPage
      if (seen && isGone(page, last)) return
      seen = page.last !== null
      for (const event of page.events) {
        if (signal?.aborted) return
        yield event
        last = event.n
      }
      if (page.events.length > 0) pause = SOONEST
      else pause = (await heard(bell, pause)) ? SOONEST : Math.min(LATEST, pause * 2)
    }
  } finally {
    leave()
    signal?.removeEventListener('abort', bell.ring)
  }
}

/** Its next life counts from one. */
const isGone = ({ last }: EventsPage, seen: number) => last === null || last < seen

async function heard(bell: Bell, pause: number): Promise<boolean> {
  const timer = new AbortController()
  const waited = sleep(pause, false, { signal: timer.signal }).catch(() => false)
  const rung = await Promise.race([bell.heard().then(() => true), waited])
  timer.abort()
  return rung
}

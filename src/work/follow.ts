import { type EngineView, type EventsOptions, inspectOne } from '../engine/engine.ts'
import type { WorkRef } from '../house/actors.ts'
import type { Json } from '../kernel/json.ts'
import type { ActorRef } from '../kernel/types.ts'
import type { Activity } from './activity.ts'

/** An event of an actor; numbers start at 1. */
type WorkEvent = { readonly n: number; readonly correlationId: string; readonly body: Json }

/** The durable events of actors, as an engine gives them. `live: false` ends after the last event that exists now. */
interface EventReader {
  events(of: ActorRef, from?: EventsOptions): AsyncIterable<WorkEvent>
}

/** Work that is followed by the events of its actor: which events belong to it, and which one is the last. */
export type FollowedWork = {
  readonly of: ActorRef
  /** absent: all events of the actor belong to it */
  isOwn?(event: WorkEvent): boolean
  readonly last: string
  /** whether its last event exists */
  isOver(): Promise<boolean>
  /** the number of the last event before its first one, if known; absent: all events belong to it */
  before?(): Promise<number>
}

type From = { readonly after?: number; readonly signal?: AbortSignal }

/** Its events after a number, until the last. A reader that has the last event gets an end instead of silence. */
export async function* followToEnd(
  view: EventReader,
  work: FollowedWork,
  { after = 0, signal }: From = {},
): AsyncGenerator<WorkEvent> {
  const isOver = after > 0 && (await work.isOver())
  // the reader's last event may be the final one; a reader that claims to be ahead waits for that event first
  const isKnown = isOver || (after > 0 && (await hasMore(view, work.of, after - 1)))
  const from = { after: isKnown ? after - 1 : await firstOf(work), live: !isOver, ...(signal && { signal }) }
  for await (const event of view.events(work.of, from)) {
    if (!isOwn(work, event)) continue
    if (event.n > after) yield event
    if (typeOf(event) === work.last) return
  }
}

/** Its events after a number that exist now, up to the last one. */
export async function* readSoFar(view: EventReader, work: FollowedWork, after?: number): AsyncGenerator<WorkEvent> {
  for await (const event of view.events(work.of, { after: after ?? (await firstOf(work)), live: false })) {
    if (!isOwn(work, event)) continue
    yield event
    if (typeOf(event) === work.last) return
  }
}

/** Whether the work has ended and a reader with the events up to that number has its last one. */
export async function hasEnded(view: EventReader, work: FollowedWork, after: number): Promise<boolean> {
  if (!(await work.isOver())) return false
  const from = after > 0 ? after - 1 : await firstOf(work)
  for await (const event of view.events(work.of, { after: from, live: false })) {
    if (!isOwn(work, event)) continue
    if (event.n > after) return false
    if (typeOf(event) === work.last) return true
  }
  return true
}

/** The number of the last event before its own events. */
const firstOf = async (work: FollowedWork) => (await work.before?.()) ?? 0

async function hasMore(view: EventReader, of: ActorRef, after: number): Promise<boolean> {
  for await (const _ of view.events(of, { after, live: false })) return true
  return false
}

const isOwn = (work: FollowedWork, event: WorkEvent) => work.isOwn?.(event) ?? true
const typeOf = ({ body }: WorkEvent) => (body as { readonly type?: unknown } | null)?.type

/** Work at rest: it has ended, or only something from outside continues it, so no process needs to stay for it. */
export type Rest = 'over' | 'resting'

export type UntilRest = (id: string) => Promise<Rest>

interface Followers {
  follow(id: string): void
  isFollowed(id: string): boolean
}

/**
 * Follows each piece of work once, as part of the tracked activity. A repeated call makes it check again before it
 * stops, because a wake-up may have come after its last check.
 */
export function createFollowers(kind: WorkRef['kind'], track: Activity['track'], untilRest: UntilRest): Followers {
  const followers = new Map<string, { calledAgain: boolean }>()

  async function untilOver(id: string, follower: { calledAgain: boolean }): Promise<void> {
    try {
      do follower.calledAgain = false
      while ((await untilRest(id)) === 'resting' && follower.calledAgain)
    } finally {
      // in the same tick as the last check, so that a later caller starts anew
      followers.delete(id)
    }
  }

  return {
    isFollowed: (id) => followers.has(id),
    follow(id) {
      const present = followers.get(id)
      if (present) {
        present.calledAgain = true
        return
      }
      const follower = { calledAgain: false }
      followers.set(id, follower)
      track({ kind, id }, untilOver(id, follower))
    },
  }
}

/** ms to wait for a message to create its actor. */
const BEGIN_TIMEOUT_MS = 5_000

/** Whether an actor exists. If its first message is on its way, from whatever node, this waits for its first event. */
export async function hasBegun(view: EngineView, of: ActorRef): Promise<boolean> {
  const isThere = async () => (await view.peek(of)) !== undefined
  if (await isThere()) return true
  if (await isOnItsWay(view, of))
    for await (const _ of view.events(of, { signal: AbortSignal.timeout(BEGIN_TIMEOUT_MS) })) return true
  // it may have begun between the two checks
  return isThere()
}

/** Work of an earlier process is loaded only on demand, and a timer when it is due. */
async function isOnItsWay(view: EngineView, of: ActorRef): Promise<boolean> {
  const { turn, mail = [] } = (await inspectOne(view, of)) ?? {}
  return turn !== undefined || mail.some(({ due, held }) => due === undefined && !held)
}

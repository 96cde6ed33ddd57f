import type { EngineView, NumberedEvent } from '../../engine/engine.ts'
import type { ActorRef } from '../../kernel/types.ts'

/** Work that is followed by the events of its actor: which events belong to it, and which one is the last. */
export type FollowedWork = {
  readonly of: ActorRef
  /** absent: all events of the actor */
  readonly correlationId?: string
  readonly last: string
  /** whether its last event exists */
  isOver(): Promise<boolean>
  /** the number of the last event before its first one, if known; absent: all events belong to it */
  before?(): Promise<number>
}

type From = { readonly after?: number; readonly signal?: AbortSignal }

/**
 * Its events after a number, until the last one. A reader that
 * already has the last event gets an end instead of silence.
 */
export async function* followToEnd(
  view: Pick<EngineView, 'events'>,
  work: FollowedWork,
  { after = 0, signal }: From = {},
): AsyncGenerator<NumberedEvent> {
  const isOver = after > 0 && (await work.isOver())
  // the reader's last event may be the final one; a reader that claims to be ahead waits for that
  // event first
  const isKnown = isOver || (after > 0 && (await hasMore(view, work.of, after - 1)))
  const from = { after: isKnown ? after - 1 : await firstOf(work), live: !isOver, ...(signal && { signal }) }
  for await (const event of view.events(work.of, from)) {
    if (!isOwn(work, event)) continue
    if (event.n > after) yield event
    if (typeOf(event) === work.last) return
  }
}

/** Whether the work has ended and a reader with the events up to that number has its last one. */
export async function hasEnded(view: Pick<EngineView, 'events'>, work: FollowedWork, after: number): Promise<boolean> {
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

async function hasMore(view: Pick<EngineView, 'events'>, of: ActorRef, after: number): Promise<boolean> {
  for await (const _ of view.events(of, { after, live: false })) return true
  return false
}

const isOwn = (work: FollowedWork, event: NumberedEvent) =>
  work.correlationId === undefined || workOf(event) === work.correlationId

/** The work of an event: the work of its message, unless the event names another one. */
const workOf = ({ correlationId, body }: NumberedEvent) =>
  (body as { readonly ask?: string } | null)?.ask ?? correlationId
const typeOf = ({ body }: NumberedEvent) => (body as { readonly type?: unknown } | null)?.type

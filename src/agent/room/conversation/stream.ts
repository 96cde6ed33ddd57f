import type { EngineView, NumberedEvent } from '../../../engine/engine.ts'
import { InvalidError } from '../../../errors.ts'
import { goalRef, threadRef } from '../../../house/actors.ts'
import { type ChainEvent, isAtWork, numberOfGoal } from '../../../thread/protocol/ask-state.ts'
import { recordAt } from '../../../thread/room/records.ts'
import type { GoalEvent } from '../../protocol/goal-event.ts'
import { conversationTopic } from '../../protocol/live.ts'
import { type ReadEvent, withLive } from './live.ts'
import type { ConversationEvent } from './port.ts'

type View = Pick<EngineView, 'events' | 'deltas' | 'peek' | 'parts'>

type From = { readonly after?: string; readonly signal?: AbortSignal }

/**
 * The events of a thread, and after each `ask-goal` those of the goal, until the goal has ended. A thread answers one
 * message at a time, so every reader gets the same order. A cursor is the number of an event of the thread, and then
 * that of an event of the goal. The text of rounds comes between them as it grows.
 */
export async function* streamConversation(
  view: View,
  thread: string,
  { after = '0', signal }: From,
): AsyncGenerator<ConversationEvent> {
  const place = readCursor(after)
  const leaving = new AbortController()
  const end = signal ? AbortSignal.any([signal, leaving.signal]) : leaving.signal
  // from before the first event is read, so that a goal that begins now finds a follower
  const deltas = view.deltas(conversationTopic(thread), end)
  try {
    yield* withLive(readDurable(view, thread, place, end), deltas, after)
  } finally {
    leaving.abort()
  }
}

type Cursor = { readonly n: number; readonly ofGoal: number }

async function* readDurable(
  view: View,
  thread: string,
  { n, ofGoal }: Cursor,
  signal: AbortSignal,
): AsyncGenerator<ReadEvent> {
  // the reader's last event may name a goal whose events it does not have
  for await (const event of view.events(threadRef(thread), { after: Math.max(0, n - 1), signal })) {
    const isKnown = event.n <= n
    yield { event: { cursor: String(event.n), body: event.body as ChainEvent }, isKnown }
    const goal = goalIn(event)
    if (goal !== undefined && !(await isGone(view, thread, goal)))
      yield* readGoal(view, goal, { at: event.n, after: isKnown ? ofGoal : 0, signal })
    if (signal.aborted) return
  }
}

/** Whether retention has removed a goal. One that has not begun yet is not there either, but its message is at work. */
async function isGone(view: View, thread: string, goal: string): Promise<boolean> {
  if (await view.peek(goalRef(goal))) return false
  const record = await recordAt(view.parts, thread, numberOfGoal(goal))
  return record !== undefined && !isAtWork(record)
}

/** The events of a goal from its first one on, so that the reader learns which round is next. */
async function* readGoal(
  view: Pick<EngineView, 'events'>,
  goal: string,
  { at, after, signal }: { readonly at: number; readonly after: number; readonly signal: AbortSignal },
): AsyncGenerator<ReadEvent> {
  for await (const event of view.events(goalRef(goal), { signal })) {
    const body = event.body as GoalEvent
    yield { event: { cursor: `${at}.${event.n}`, goal, body }, isKnown: event.n <= after }
    if (body.type === 'goal-end') return
  }
}

function goalIn({ body }: NumberedEvent): string | undefined {
  const event = body as ChainEvent
  return event.type === 'ask-goal' ? event.goal : undefined
}

function readCursor(cursor: string): Cursor {
  const [, n, ofGoal] = /^(\d{1,15})(?:\.(\d{1,15}))?$/.exec(cursor) ?? []
  if (n === undefined)
    throw new InvalidError(`Expected a cursor such as 12 or 12.3, got ${JSON.stringify(cursor.slice(0, 40))}.`, {
      place: { path: 'after' },
    })
  return { n: Number(n), ofGoal: Number(ofGoal ?? 0) }
}

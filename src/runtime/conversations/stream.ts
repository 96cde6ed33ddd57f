import { goalRef } from '../../agent/protocol/state.ts'
import type { ChainEvent } from '../../chain/protocol/ask-state.ts'
import type { EngineView, NumberedEvent } from '../../engine/engine.ts'
import { InvalidError } from '../../errors.ts'
import type { ConversationEvent } from '../ports/conversations.ts'
import { chainRef } from '../threads/threads.ts'

type From = { readonly after?: string; readonly signal?: AbortSignal }

/**
 * The events of a thread, and after each `ask-goal` those of the goal, until the goal has ended. A thread answers one
 * message at a time, so every reader gets the same order. A cursor is the number of an event of the thread, and then
 * that of an event of the goal.
 */
export async function* streamConversation(
  view: Pick<EngineView, 'events'>,
  thread: string,
  { after = '0', signal }: From,
): AsyncGenerator<ConversationEvent> {
  const { n, ofGoal } = readCursor(after)
  // the reader's last event may name a goal whose events it does not have
  const from = { after: Math.max(0, n - 1), ...(signal && { signal }) }
  for await (const event of view.events(chainRef(thread), from)) {
    const isKnown = event.n <= n
    if (!isKnown) yield { cursor: String(event.n), body: event.body }
    const goal = goalIn(event)
    if (goal !== undefined) yield* streamGoal(view, goal, { at: event.n, after: isKnown ? ofGoal : 0, signal })
    if (signal?.aborted) return
  }
}

async function* streamGoal(
  view: Pick<EngineView, 'events'>,
  goal: string,
  { at, after, signal }: { readonly at: number; readonly after: number; readonly signal: AbortSignal | undefined },
): AsyncGenerator<ConversationEvent> {
  // the last event may be the one that the reader has
  const from = { after: Math.max(0, after - 1), ...(signal && { signal }) }
  for await (const event of view.events(goalRef(goal), from)) {
    if (event.n > after) yield { cursor: `${at}.${event.n}`, goal, body: event.body }
    if ((event.body as { readonly type?: string }).type === 'goal-end') return
  }
}

function goalIn({ body }: NumberedEvent): string | undefined {
  const event = body as ChainEvent
  return event.type === 'ask-goal' ? event.goal : undefined
}

function readCursor(cursor: string): { readonly n: number; readonly ofGoal: number } {
  const [, n, ofGoal] = /^(\d{1,15})(?:\.(\d{1,15}))?$/.exec(cursor) ?? []
  if (n === undefined)
    throw new InvalidError(`expected a cursor such as 12 or 12.3, got ${JSON.stringify(cursor.slice(0, 40))}`, {
      place: { path: 'after' },
    })
  return { n: Number(n), ofGoal: Number(ofGoal ?? 0) }
}

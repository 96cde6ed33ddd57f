import { goalRef, runRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import type { ActorRef, Effects, Envelope, Send, Turn } from '../../kernel/types.ts'
import type { GoalParent } from '../../work/origin/goal-origin.ts'
import type { GoalEvent } from '../protocol/goal-event.ts'
import type { GoalMessage } from '../protocol/messages.ts'
import { type GoalState, goalIndex, type Waiting } from '../protocol/state.ts'

/** When the message was sent, or due. A turn depends only on its message, so this needs no journal entry. */
export const messageTime = ({ createdAt, due = 0 }: Envelope): number => Math.max(createdAt, due)

export const settled = (state: GoalState) => ({ state, index: goalIndex(state) })

/** A goal waits, and says why, also to the work above it. */
export function waitTurn(state: Waiting, effects: Effects) {
  const { type, title } = state.wait
  const send = tellAbove(state, waitNote(effects, title))
  return {
    ...settled(state),
    events: [{ type: 'goal-wait', reason: type, title } satisfies GoalEvent],
    send,
  } satisfies Turn<GoalState>
}

/**
 * Tells the work above a goal that something below waits for a person: whoever follows that work must not wait for it.
 * A run publishes it, a goal passes it on.
 */
export function tellAbove({ parent }: GoalState, body: Json): readonly Send[] {
  const to = parent && above(parent)
  if (!to) return []
  return [{ to, body, type: 'event', correlationId: to.key }]
}

/** The note that the goal itself waits. */
export function waitNote({ self }: Effects, title: string): Json {
  return { type: 'goal-wait', goal: self.key, title: title.slice(0, 1000) }
}

/** The actor to tell. A conversation follows the events of its goal instead. */
function above(parent: GoalParent): ActorRef | undefined {
  if ('run' in parent) return runRef(parent.run)
  return 'goal' in parent ? goalRef(parent.goal) : undefined
}

/** Child work waits for a person. A goal's parent is notified; followers of a conversation read the goal's events. */
export function needTurn(
  state: GoalState,
  message: Extract<GoalMessage, { type: 'child-await' | 'goal-wait' }>,
): Turn<GoalState> {
  const { parent } = state
  if (!parent || !('thread' in parent)) return { send: tellAbove(state, message) }
  const { title } = message
  if (message.type === 'goal-wait')
    return { events: [{ type: 'goal-needs', title, goal: message.goal } satisfies GoalEvent] }
  const { run, step, name: signal } = message
  return { events: [{ type: 'goal-needs', title, run, step, signal } satisfies GoalEvent] }
}

import type { ActorRef, Effects, Send, Turn } from '../../../kernel/types.ts'
import { ownerOf } from '../../../lib/owner.ts'
import type { WorkFor } from '../../../tool/agents/call-for.ts'
import {
  type AskRecord,
  type AskWork,
  type ChainEvent,
  type ChainState,
  type CurrentAsk,
  goalKey,
  type QueuedAsk,
} from '../../protocol/ask-state.ts'
import { askIdOf } from '../../protocol/message-id.ts'
import { nameIn } from '../../protocol/thread-name.ts'
import { threadIndex } from '../index-fields.ts'
import { askPartName, newWorkParts } from '../parts.ts'

/**
 * An ask that an agent answers: the thread starts a goal, and the
 * reply of the goal ends the ask. The phases have no part in it.
 */

/** The actor of a goal. */
export const goalOf = (key: string): ActorRef => ({ kind: 'agent', key })

/** The time of a turn, in ms since the epoch, and its effects. */
export type Moment = { readonly now: number; readonly effects: Effects }

/** Begins an ask with an agent. A goal has limits and a deadline of its own, so the ask has none. */
export function beginGoalAsk(
  state: ChainState,
  ask: Pick<CurrentAsk, 'n' | 'id' | 'trace'>,
  work: AskWork & Required<Pick<AskWork, 'agent'>>,
  record: AskRecord,
  { now, effects }: Moment,
): Turn<ChainState> {
  const { self } = effects
  const { agent } = work
  const key = goalKey(self.key, ask.n)
  const current: CurrentAsk = {
    ...ask,
    cycle: 1,
    waiting: [],
    since: now,
    loops: [],
    due: Number.MAX_SAFE_INTEGER,
    goal: { key },
  }
  const workFor = {
    ...(agent.start.workFor as WorkFor),
    conversation: nameIn(self.key, ownerOf(state)),
    message: askIdOf(self.key, ask.id),
  }
  const start = { goal: work.prompt, ...agent.start, parent: { thread: self.key, n: ask.n }, workFor }
  return {
    state: { ...state, current },
    parts: {
      [askPartName(ask.n)]: { ...record, agent: agent.name, goal: key },
      ...newWorkParts(ask.n, work),
    },
    events: [
      { type: 'ask-start', prompt: work.prompt, at: now } satisfies ChainEvent,
      { type: 'ask-goal', agent: agent.name, goal: key, at: now } satisfies ChainEvent,
    ],
    send: [{ to: goalOf(key), body: start, correlationId: key, replyTo: self }],
    index: threadIndex(state, 'running', now, current),
  }
}

/** Tells the message to the goal that works for the current ask. It joins that ask when the goal has taken it. */
export function joinCurrent(
  state: ChainState,
  current: CurrentAsk & Required<Pick<CurrentAsk, 'goal'>>,
  ask: QueuedAsk,
  { work, record, now, effects }: { readonly work: AskWork; readonly record: AskRecord } & Moment,
): Turn<ChainState> {
  const { goal } = current
  const telling = [...(goal.telling ?? []), ask]
  const next = { ...state, current: { ...current, goal: { ...goal, telling } } }
  return {
    state: next,
    parts: { [askPartName(ask.n)]: record, ...newWorkParts(ask.n, work) },
    events: [
      {
        type: 'ask-join',
        to: askIdOf(effects.self.key, current.id),
        n: ask.n,
        goal: goal.key,
        at: now,
      } satisfies ChainEvent,
    ],
    send: [tellGoal(goal.key, ask, work, effects.self)],
    index: threadIndex(next, 'running', now, next.current),
  }
}

/** The goal replies to the thread under the id of the ask, so the thread knows which message it has taken. */
const tellGoal = (key: string, { id, n }: QueuedAsk, { prompt }: AskWork, self: ActorRef): Send => ({
  to: goalOf(key),
  body: { type: 'tell', text: prompt, message: n },
  correlationId: id,
  replyTo: self,
})

/** Cancels the goal of the current ask. */
export const cancelGoal = (key: string, reason: string) => ({ of: goalOf(key), correlationId: key, reason })

import { goalRef } from '../../house/actors.ts'
import type { ActorRef, Effects, Send } from '../../kernel/types.ts'
import { ownerOf } from '../../lib/owner.ts'
import { newRecord } from '../../thread/actor/accept.ts'
import { askPartName, newWorkParts, readWork, threadIndex } from '../../thread/actor/parts.ts'
import type { AskAtWork, ThreadTurn } from '../../thread/answerer.ts'
import type { AskWork, ChainEvent, CurrentAsk, QueuedAsk, ThreadState } from '../../thread/protocol/ask-state.ts'
import { askIdOf, goalKey, traceOfAsk } from '../../thread/protocol/ask-state.ts'
import type { AskMessage } from '../../thread/protocol/messages.ts'
import { nameIn } from '../../thread/protocol/thread-name.ts'
import type { WorkFor } from '../../work/origin/call-for.ts'
import { MAX_TELL_CHARACTERS } from '../../work/text-limits.ts'

/** Begins a goal for an ask; its reply ends the ask. The goal has its own limits and deadline, so the ask has none. */
export async function beginGoal(
  state: ThreadState,
  { ask: { n, id, ...rest }, work, record }: AskAtWork,
  effects: Effects,
): Promise<ThreadTurn> {
  const { self } = effects
  const agent = work.agent!
  const now = await effects.now()
  const key = goalKey(self.key, n)
  const current: CurrentAsk = {
    n,
    id,
    ...traceOfAsk(rest),
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
    message: askIdOf(self.key, id),
  }
  const start = { goal: work.prompt, ...filesOfWork(work), ...agent.start, parent: { thread: self.key, n }, workFor }
  return {
    state: { ...state, current },
    parts: {
      [askPartName(n)]: { ...record, agent: agent.name, goal: key },
      ...newWorkParts(n, work),
    },
    events: [
      {
        type: 'ask-start',
        prompt: work.prompt,
        ...filesOfWork(work),
        ...resultOfWork(work),
        at: now,
      } satisfies ChainEvent,
      { type: 'ask-goal', agent: agent.name, goal: key, at: now } satisfies ChainEvent,
    ],
    send: [{ to: goalRef(key), body: start, correlationId: key, replyTo: self }],
    index: threadIndex(state, 'running', now, current),
  }
}

/** A message while an agent answers an earlier one: it joins or replaces that answer. Undefined: it waits its turn. */
export async function besideGoal(
  state: ThreadState,
  { ask, work }: Omit<AskAtWork, 'record'>,
  { onBusy = 'steer' }: AskMessage,
  effects: Effects,
): Promise<ThreadTurn | undefined> {
  const { current, queue } = state
  // tools act for the context of the message that they answer
  if (!current?.goal || !(await hasSameContext(work, current, effects))) return undefined
  const { goal } = current
  if (goal.end || goal.interrupted) return undefined
  if (onBusy === 'steer' && queue.length === 0 && work.prompt.length <= MAX_TELL_CHARACTERS)
    return joinCurrent(state, { ...current, goal }, { ask, work }, effects)
  if (onBusy !== 'interrupt') return undefined
  const now = await effects.now()
  const interrupted = { ...current, goal: { ...goal, interrupted: true as const } }
  return {
    state: { ...state, current: interrupted, queue: [ask, ...queue] },
    parts: { [askPartName(ask.n)]: newRecord(effects.self.key, ask, work, 'queued'), ...newWorkParts(ask.n, work) },
    events: [{ type: 'ask-queue', at: now } satisfies ChainEvent],
    cancel: [cancelGoal(goal.key, 'a newer message interrupts it')],
    index: threadIndex(state, 'running', now, interrupted),
  }
}

async function hasSameContext({ agent }: AskWork, current: QueuedAsk, effects: Effects): Promise<boolean> {
  const { agent: other } = await readWork(effects, current.n)
  return contextOf(agent) === contextOf(other)
}

const contextOf = (agent: AskWork['agent']) => (agent?.start.workFor as WorkFor | undefined)?.context

/** Tells the message to the goal that works for the current ask. It joins that ask when the goal has taken it. */
async function joinCurrent(
  state: ThreadState,
  current: CurrentAsk & Required<Pick<CurrentAsk, 'goal'>>,
  { ask, work }: Omit<AskAtWork, 'record'>,
  effects: Effects,
): Promise<ThreadTurn> {
  const { goal } = current
  const { self } = effects
  const now = await effects.now()
  const telling = [...(goal.telling ?? []), ask]
  const next = { ...state, current: { ...current, goal: { ...goal, telling } } }
  const to = askIdOf(self.key, current.id)
  return {
    state: next,
    parts: { [askPartName(ask.n)]: newRecord(self.key, ask, work, 'joined'), ...newWorkParts(ask.n, work) },
    events: [{ type: 'ask-join', to, n: ask.n, goal: goal.key, at: now } satisfies ChainEvent],
    send: [tellGoal(goal.key, ask, work, self)],
    index: threadIndex(next, 'running', now, next.current),
  }
}

/** The goal replies to the thread under the id of the ask, so the thread knows which message it has taken. */
const tellGoal = (key: string, { id, n }: QueuedAsk, work: AskWork, self: ActorRef): Send => ({
  to: goalRef(key),
  body: { type: 'tell', text: work.prompt, message: n, ...filesOfWork(work), ...resultOfWork(work) },
  correlationId: id,
  replyTo: self,
})

const resultOfWork = ({ resultOf }: AskWork) => resultOf && { resultOf }
const filesOfWork = ({ files }: AskWork) => files && { files }

export const cancelGoal = (key: string, reason: string) => ({ of: goalRef(key), correlationId: key, reason })

/** The waits of a goal before it begins: for its time, for the queue of its key, and for the health of the process. */

import { nameOf } from '../../kernel/ref.ts'
import type { ActorRef, Effects, Send, Turn } from '../../kernel/types.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { queueRef, startTimer } from '../../run/later/messages.ts'
import { leaveQueue, toQueue } from '../../run/later/state.ts'
import type { GoalEvent } from '../protocol/goal-event.ts'
import { findStart, type GoalStart, type GoalStartPart, readStart } from '../protocol/messages.ts'
import { type GoalState, isOver, type Thinking, type Waiting } from '../protocol/state.ts'
import { beginsLater, type GoalWait } from '../protocol/stored-goal.ts'
import { firstNext } from './control.ts'
import type { AgentServices } from './services.ts'
import { messageTime, settled, waitTurn } from './turns.ts'

/** The first wait of a new goal; undefined: it begins. */
export function waitBefore(
  { at, queue, admitted, debouncedUntil, owner, hold }: GoalStart,
  since: number,
): GoalWait | undefined {
  if (at !== undefined)
    return { type: 'start', title: `The goal begins at ${new Date(at).toISOString()}.`, since, until: at }
  if (queue && !admitted) return queueWait(owner, queue.key, since, debouncedUntil)
  return hold === undefined ? undefined : healthWait(hold, since)
}

function queueWait(owner: string | undefined, key: string, since: number, debouncedUntil?: number): GoalWait {
  const named = `the key ${JSON.stringify(key)}`
  const title =
    debouncedUntil === undefined
      ? `The goal begins when ${named} has room.`
      : `The goal waits until ${new Date(debouncedUntil).toISOString()} for another start of ${named}, which would take its place. Then it begins when the key has room.`
  return { type: 'queue', title, since, queue: queueOf(owner, key) }
}
const healthWait = (title: string, since: number): GoalWait => ({ type: 'health', title, since })
const queueOf = (owner: string | undefined, key: string) => nameOf(queueRef(owner, key))

/** When a goal that waits for the health of the process looks again. */
const HEALTH_TIMER: NonNullable<Turn['timers']> = { health: { delay: 2000, body: { type: 'retry' } } }

/** The turn of a goal that is held back, with the timer that ends its wait. Its queue ends a wait for room. */
export function heldTurn(state: Waiting, now: number, effects: Effects) {
  const { wait } = state
  const turn = waitTurn(state, effects)
  if (wait.type === 'queue') return turn
  return { ...turn, timers: wait.type === 'start' ? startTimer(wait.until, now) : HEALTH_TIMER }
}

/** The time of a goal has come, or the queue of its key has room. */
export async function beginLater(
  services: Pick<AgentServices, 'whyDegraded'>,
  state: Waiting,
  effects: Effects,
): Promise<Turn<GoalState>> {
  const { wait, owner } = state
  if (!beginsLater(wait)) return {}
  const now = await effects.now()
  if (wait.type === 'start' && now < wait.until) return { timers: startTimer(wait.until, now) }
  const { queue } = await readStart(effects)
  if (wait.type === 'queue' || !queue) return beginIfWell(services, { ...state, startedAt: now }, now, effects)
  const turn = heldTurn({ ...state, wait: queueWait(owner, queue.key, wait.since) }, now, effects)
  const enter = { type: 'enter', owner: owner ?? LOCAL_OWNER, ...queue }
  return { ...turn, send: [...turn.send, toQueue(queueOf(owner, queue.key), effects.self, enter)] }
}

/** Looks whether the process of a goal that waited for it is well again. */
export const lookAtHealth = (services: Pick<AgentServices, 'whyDegraded'>, state: Waiting, effects: Effects) =>
  beginIfWell(services, state, messageTime(effects.message), effects)

async function beginIfWell(
  services: Pick<AgentServices, 'whyDegraded'>,
  state: Waiting,
  now: number,
  effects: Effects,
): Promise<Turn<GoalState>> {
  const why = await effects.run('health', () => services.whyDegraded(), { effect: 'pure' })
  const { wait, pauseRequested, ...rest } = state
  if (why !== '' && wait.type === 'health') return { timers: HEALTH_TIMER }
  if (why !== '') return heldTurn({ ...state, wait: healthWait(why, wait.since) }, now, effects)
  // the time before it begins does not use up the time of the goal
  const limits = { ...rest.limits, until: rest.limits.until + now - wait.since }
  if (pauseRequested)
    return { ...settled({ ...rest, limits, status: 'paused' }), events: [{ type: 'goal-pause' } satisfies GoalEvent] }
  const going: Thinking = { ...rest, limits, status: 'thinking' }
  return {
    ...settled(going),
    events: [{ type: 'goal-resume' } satisfies GoalEvent],
    send: [firstNext(going, effects.self)],
  }
}

/** Two starts may use one id at once: the queue of the second one gets its place back. */
export async function freed(state: GoalState, { owner, queue }: GoalStart, effects: Effects): Promise<readonly Send[]> {
  if (!queue) return []
  const own = isOver(state) ? undefined : (await findStart(effects))?.queue
  const given = queueOf(owner, queue.key)
  return own && queueOf(state.owner, own.key) === given ? [] : leaveQueue(given, effects.self)
}

/** Frees the slot or the place of a goal that ends or is removed. */
export const leaveKey = ({ owner }: Pick<GoalState, 'owner'>, start: GoalStartPart | undefined, self: ActorRef) =>
  leaveQueue(start?.queue && queueOf(owner, start.queue.key), self)

import { releaseMessage } from '../../budget/waiting.ts'
import { busyProblem, type Problem, refusal } from '../../errors.ts'
import { goalRef } from '../../house/actors.ts'
import type { ActorRef, Effects, Send, Turn } from '../../kernel/types.ts'
import { toNote } from '../../lib/media/file-ref.ts'
import type { GoalEvent } from '../protocol/goal-event.ts'
import { findStart, type GoalMessage, type MoreLimits } from '../protocol/messages.ts'
import { fromPerson } from '../protocol/rounds.ts'
import type { GoalState, HandedOff, Paused, Thinking } from '../protocol/state.ts'
import { goalIndex, isDone, isOver } from '../protocol/state.ts'
import { beginsLater, endsByItself, type GoalLimits } from '../protocol/stored-goal.ts'
import { watchRun } from './calls/open-calls.ts'
import type { AgentServices } from './services.ts'
import { tellAbove, waitNote } from './turns.ts'

/**
 * The message by which a goal begins its next round. It belongs to the goal, also when the end of a run caused it. If
 * it becomes a dead letter, the goal is notified and fails: its caller must not wait forever.
 */
export function nextThink({ rounds }: GoalState, self: ActorRef): Send {
  return { to: self, body: { type: 'think', round: rounds + 1 }, type: 'event', correlationId: self.key, replyTo: self }
}

/** The message by which a goal begins. It looks for a playbook, unless it has reused the rounds of another goal. */
export function firstNext(state: GoalState, self: ActorRef): Send {
  return state.rounds > 0 ? nextThink(state, self) : { ...nextThink(state, self), body: { type: 'choose' } }
}

/** Texts that wait for the next round at most. */
const MAX_TOLD = 10

/** Keeps a text of a person for the next round. */
export function tellGoal(
  state: GoalState,
  { text, message: n, resultOf, files }: Extract<GoalMessage, { type: 'tell' }>,
  effects: Effects,
): Turn<GoalState> {
  if (state.status === 'new' || isDone(state)) return { refuse: GOAL_OVER }
  if (state.status === 'handed_off') return n === undefined ? { refuse: handedOff(state) } : passOn(state, effects)
  if (state.told.length >= MAX_TOLD) return { refuse: TOO_MANY_TEXTS }
  const next = { ...state, told: [...state.told, toNote(resultOf ? text : fromPerson(text), files)] }
  if (n === undefined) return { state: next, reply: { status: 'told' } }
  const heard = { ...next, unread: [...(state.unread ?? []), n] }
  // a person who writes again must not wait for nothing: the model may answer by now, or by the code of this process
  const isHeldUp = heard.status === 'waiting' && (heard.wait.type === 'model' || heard.wait.type === 'code')
  const again = isHeldUp ? resumeGoal(heard, {}, effects) : {}
  const event: GoalEvent = { type: 'goal-message', n, text, ...(files && { files }), ...(resultOf && { resultOf }) }
  const watch = heard.status === 'acting' && heard.playbook === undefined ? { send: [watchRun(heard.run)] } : {}
  return { state: heard, ...watch, ...again, events: [event, ...(again.events ?? [])], reply: { status: 'told' } }
}

/** Passes a message of the conversation on to the goal that took over. That one replies to the conversation. */
function passOn({ handedTo: { goal } }: HandedOff, { message }: Effects): Turn<GoalState> {
  const { body, correlationId, replyTo } = message
  return { send: [{ to: goalRef(goal), body, correlationId, ...(replyTo && { replyTo }) }] }
}

/** A turn that keeps a text of a person; refused where no model would read it. */
export async function unlessOffline(
  services: AgentServices,
  turn: Turn<GoalState>,
  effects: Effects,
): Promise<Turn<GoalState>> {
  return turn.refuse === undefined && (await isOfflineGoal(services, effects)) ? { refuse: NO_READER } : turn
}

/** Whether the model of a goal works offline: the goal follows playbooks only, and nobody in it reads texts. */
export async function isOfflineGoal(
  { readDefinition, isOffline }: AgentServices,
  effects: Pick<Effects, 'part'>,
): Promise<boolean> {
  const start = await findStart(effects)
  return start !== undefined && isOffline((await readDefinition(start.definition)).model)
}

/** Stops a goal before its next round. A call that is being made goes on. */
export function pauseGoal(state: GoalState, effects: Effects): Turn<GoalState> {
  if (state.status === 'new' || isDone(state)) return { refuse: GOAL_OVER }
  if (state.status === 'handed_off') return { refuse: handedOff(state) }
  if (state.status === 'paused' || state.pauseRequested) return { reply: { status: 'paused' } }
  if (state.status !== 'thinking') return { state: { ...state, pauseRequested: true }, reply: { status: 'paused' } }
  const { pauseRequested: _, ...rest } = state
  const paused: Paused = { ...rest, status: 'paused' }
  const send = tellAbove(paused, waitNote(effects, 'The goal is paused.'))
  return {
    state: paused,
    index: goalIndex(paused),
    events: [{ type: 'goal-pause' } satisfies GoalEvent],
    send,
    reply: { status: 'paused' },
  }
}

/** Continues a goal that waits or is paused. Raised limits apply from now on. */
export function resumeGoal(
  state: GoalState,
  { more = {}, text }: Pick<Extract<GoalMessage, { type: 'resume' }>, 'more' | 'text'>,
  { self, message }: Effects,
): Turn<GoalState> {
  if (state.status === 'new' || isDone(state)) return { refuse: GOAL_OVER }
  if (state.status === 'handed_off') return { refuse: handedOff(state) }
  const limits = raised(state, more, message.createdAt)
  const notes = text === undefined ? state.told : [...state.told, fromPerson(text)]
  // no person begins a goal before its time, or before those of its key
  if (state.status === 'thinking' || state.status === 'acting' || beginsLater(state.wait)) {
    const { pauseRequested: _, ...rest } = state
    return { state: { ...rest, limits, told: notes }, reply: { status: 'running' } }
  }
  const { wait, pauseRequested: _, ...rest } = state
  const going: Thinking = { ...rest, limits, told: notes, status: 'thinking', recent: [] }
  const release = wait?.type === 'money' ? [releaseMessage(wait.scope, self, self.key)] : []
  return {
    state: going,
    index: goalIndex(going),
    events: [{ type: 'goal-resume' } satisfies GoalEvent],
    reply: { status: 'running' },
    // a goal that was held back has not looked for a playbook yet
    send: [...release, wait?.type === 'health' ? firstNext(going, self) : nextThink(going, self)],
  }
}

/** A limit that was reached is raised by its default when nobody says by how much. */
function raised(
  { limits, wait }: GoalState,
  { rounds = 0, calls = 0, tokens = 0, time = 0 }: MoreLimits,
  now: number,
): GoalLimits {
  const reached = wait?.type === 'limit' ? wait.limit : undefined
  const more = {
    rounds: rounds || (reached === 'rounds' ? 10 : 0),
    tokens: tokens || (reached === 'tokens' ? 200_000 : 0),
    time: time || (reached === 'deadline' ? 1_800_000 : 0),
  }
  return {
    rounds: limits.rounds + more.rounds,
    calls: limits.calls + calls,
    tokens: limits.tokens + more.tokens,
    until: more.time > 0 ? Math.max(limits.until, now) + more.time : limits.until + waitedForPerson(wait, now),
  }
}

/** ms that a goal waited for a person; its deadline does not count them. A reached deadline is raised instead. */
function waitedForPerson(wait: GoalState['wait'], now: number): number {
  const counts = wait === undefined || wait.type === 'limit' || wait.type === 'money' || endsByItself(wait)
  return counts ? 0 : Math.max(0, now - wait.since)
}

export function rateGoal(state: GoalState, rating: 'good' | 'bad'): Turn<GoalState> {
  return isOver(state) ? { state: { ...state, rating }, reply: { status: 'rated' } } : { refuse: GOAL_AT_WORK }
}

export const GOAL_OVER: Problem = refusal({ code: 'goal_over', message: 'the goal has ended' })
function handedOff({ handedTo: { agent, goal } }: HandedOff): Problem {
  return refusal({
    code: 'goal_handed_off',
    message: `the goal was handed to ${agent}: it is ${goal} now`,
    hint: `Name ${goal} instead.`,
  })
}
const GOAL_AT_WORK: Problem = refusal({
  code: 'goal_not_over',
  message: 'a goal can be rated when it has ended',
  hint: 'Wait until it has ended, or cancel it. To see it: antiphon agent list',
})
const NO_READER: Problem = refusal({
  code: 'no_agent_model',
  message: 'the model of the goal works offline and cannot read a text',
  hint: 'Configure another model, or cancel the goal and start one that says all.',
})
const TOO_MANY_TEXTS = busyProblem(`${MAX_TOLD} texts already wait for the next round of the goal`)

import { budgetRef } from '../../budget/scope.ts'
import type { Problem } from '../../errors.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorRef, Effects, Send, Turn } from '../../kernel/types.ts'
import type { GoalMessage, MoreLimits } from './messages.ts'
import { type GoalLimits, type GoalState, goalIndex, isOver } from './state.ts'

/** The message by which a goal begins its next round. It belongs to the goal, also when the end of a run caused it. */
export function nextThink({ rounds }: GoalState, self: ActorRef): Send {
  return { to: self, body: { type: 'think', round: rounds + 1 }, type: 'event', correlationId: self.key }
}

/** Texts that wait for the next round at most. */
const MAX_TOLD = 10

/** Keeps a text of a person for the next round. */
export function tellGoal(state: GoalState, text: string): Turn<GoalState> {
  if (state.status === 'new' || isOver(state)) return { refuse: GOAL_OVER }
  if (state.told.length >= MAX_TOLD) return { refuse: TOO_MANY_TEXTS }
  return { state: { ...state, told: [...state.told, fromPerson(text)] }, reply: { status: 'told' } }
}

const fromPerson = (text: string) => `A person says: ${text}`

/** Stops a goal before its next round. A call that is being made goes on. */
export function pauseGoal(state: GoalState): Turn<GoalState> {
  if (state.status === 'new' || isOver(state)) return { refuse: GOAL_OVER }
  if (state.status === 'paused' || state.pauseRequested) return { reply: { status: 'paused' } }
  if (state.status !== 'thinking') return { state: { ...state, pauseRequested: true }, reply: { status: 'paused' } }
  const paused: GoalState = { ...state, status: 'paused' }
  return { state: paused, index: goalIndex(paused), events: [{ type: 'goal-pause' }], reply: { status: 'paused' } }
}

/** Continues a goal that waits or is paused. What a person adds to its limits counts from now. */
export function resumeGoal(
  state: GoalState,
  { more = {}, text }: Extract<GoalMessage, { type: 'resume' }>,
  { self, message }: Effects,
): Turn<GoalState> {
  if (state.status === 'new' || isOver(state)) return { refuse: GOAL_OVER }
  const { wait, pauseRequested: _, ...rest } = state
  const limits = raised(state, more, message.createdAt)
  const told = text === undefined ? state.told : [...state.told, fromPerson(text)]
  const isAtWork = state.status === 'thinking' || state.status === 'acting'
  if (isAtWork) return { state: { ...rest, limits, told }, reply: { status: 'running' } }
  const going: GoalState = { ...rest, limits, told, status: 'thinking', recent: [] }
  const release: Send[] =
    wait?.type === 'money'
      ? [
          {
            to: budgetRef(wait.scope),
            body: { type: 'release', by: nameOf(self) },
            correlationId: `${self.key}.release`,
          },
        ]
      : []
  return {
    ...{ state: going, index: goalIndex(going), events: [{ type: 'goal-resume' }], reply: { status: 'running' } },
    send: [...release, nextThink(going, self)],
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
    until: more.time > 0 ? Math.max(limits.until, now) + more.time : limits.until,
  }
}

/** Records what a person thinks of a goal that has ended. */
export function rateGoal(state: GoalState, rating: 'good' | 'bad'): Turn<GoalState> {
  if (!isOver(state)) return { refuse: GOAL_AT_WORK }
  return { state: { ...state, rating }, reply: { status: 'rated' } }
}

const GOAL_OVER: Problem = { code: 'goal_over', name: 'InvalidError', message: 'the goal has ended', terminal: true }
const GOAL_AT_WORK: Problem = {
  code: 'goal_not_over',
  name: 'InvalidError',
  message: 'a goal can be rated when it has ended',
  terminal: true,
}
const TOO_MANY_TEXTS: Problem = {
  code: 'busy',
  name: 'BusyError',
  message: `${MAX_TOLD} texts already wait for the next round of the goal`,
}

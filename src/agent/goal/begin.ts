import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import type { AgentServices } from '../services.ts'
import { chooseNext } from './control.ts'
import type { GoalStart } from './messages.ts'
import { DEFAULT_LIMITS, type GoalStartPart, type GoalState, NEW_GOAL } from './state.ts'
import { messageTime, settled, waitTurn } from './turns.ts'

/** The first turn of a goal. */
export function beginGoal(state: GoalState, message: GoalStart, effects: Effects): Turn<GoalState> {
  if (state.status !== 'new') return { refuse: GOAL_EXISTS }
  const { type: _, agent, owner, limits = {}, hold, ...kept } = message
  const { parent, until = Number.POSITIVE_INFINITY } = message
  const startedAt = messageTime(effects.message)
  const { time, ...bounds } = { ...DEFAULT_LIMITS, ...limits }
  const begun: GoalState = {
    ...{ ...NEW_GOAL, status: 'thinking', agent, startedAt },
    limits: { ...bounds, until: Math.min(startedAt + time, until) },
    ...(owner !== undefined && { owner }),
    ...(parent && { parent }),
  }
  const { replyTo } = effects.message
  const start: GoalStartPart = { ...kept, ...(replyTo && { replyTo }) }
  const parts = { start: start as Json }
  const event = { type: 'goal-start', agent, goal: message.goal }
  if (hold === undefined) return { ...settled(begun), parts, events: [event], send: [chooseNext(effects.self)] }
  const held = waitTurn(heldBack(begun, hold, startedAt), effects)
  return { ...held, parts, events: [event, ...held.events], timers: HEALTH_TIMER }
}

/** A new goal waits while the process is degraded. */
function heldBack(state: GoalState, title: string, since: number): GoalState {
  return { ...state, status: 'waiting', wait: { type: 'health', title, since } }
}

/** When a goal that waits for the health of the process looks again. */
const HEALTH_TIMER: NonNullable<Turn['timers']> = { health: { delay: 2000, body: { type: 'retry' } } }

/** Begins a goal that waited, when the process is well again. */
export async function lookAtHealth(
  services: AgentServices,
  state: GoalState,
  effects: Effects,
): Promise<Turn<GoalState>> {
  const why = await effects.run('health', () => services.whyDegraded(), { effect: 'pure' })
  if (why !== '') return { timers: HEALTH_TIMER }
  const { wait, pauseRequested, ...rest } = state
  if (pauseRequested) return { ...settled({ ...rest, status: 'paused' }), events: [{ type: 'goal-pause' }] }
  // a process that was degraded does not use up the time of the goal
  const waited = messageTime(effects.message) - (wait?.since ?? messageTime(effects.message))
  const going: GoalState = {
    ...rest,
    status: 'thinking',
    limits: { ...rest.limits, until: rest.limits.until + waited },
  }
  return { ...settled(going), events: [{ type: 'goal-resume' }], send: [chooseNext(effects.self)] }
}

const GOAL_EXISTS: Problem = {
  code: 'goal_exists',
  name: 'InvalidError',
  message: 'a goal with this id already exists',
  terminal: true,
}

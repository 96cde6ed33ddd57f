import type { Problem } from '../../errors.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { workTrace } from '../../observe/traceparent.ts'
import type { GoalEvent } from '../protocol/goal-event.ts'
import type { GoalStart } from '../protocol/messages.ts'
import { madeBy, type Round, roundPart } from '../protocol/rounds.ts'
import { type GoalStartPart, START_PART } from '../protocol/start.ts'
import { DEFAULT_LIMITS, type GoalState, NEW_GOAL, type Thinking, type Waiting } from '../protocol/state.ts'
import { chooseNext, nextThink } from './control.ts'
import type { AgentServices } from './services.ts'
import { messageTime, settled, waitTurn } from './turns.ts'

/** The first turn of a goal. A goal that continues another one copies its rounds first. */
export async function beginGoal(
  services: Pick<AgentServices, 'readRound'>,
  state: GoalState,
  message: GoalStart,
  effects: Effects,
): Promise<Turn<GoalState>> {
  if (state.status !== 'new') return { refuse: GOAL_EXISTS }
  if (message.from) return beginFork(services, { ...message, from: message.from }, effects)
  const { hold } = message
  const { begun, parts, event } = opening(message, effects)
  if (hold === undefined) return { ...settled(begun), parts, events: [event], send: [chooseNext(effects.self)] }
  const held = waitTurn(heldBack(begun, hold, begun.startedAt), effects)
  return { ...held, parts, events: [event, ...held.events], timers: HEALTH_TIMER }
}

function opening(message: GoalStart, effects: Effects) {
  const { type: _, agent, owner, limits = {}, hold: __, ...given } = message
  const { parent, until = Number.POSITIVE_INFINITY } = message
  const startedAt = messageTime(effects.message)
  const { time, ...bounds } = { ...DEFAULT_LIMITS, ...limits }
  // the ask of a conversation has the id of its goal
  const trace = workTrace(effects.message.trace, parent && 'thread' in parent ? nameOf(effects.self) : effects.self.key)
  const begun: Thinking = {
    ...NEW_GOAL,
    status: 'thinking',
    agent,
    startedAt,
    limits: { ...bounds, until: Math.min(startedAt + time, until) },
    ...(owner !== undefined && { owner }),
    ...(parent && { parent }),
    ...(trace !== undefined && { trace }),
  }
  // the caller of a fork waits for its beginning, and not for its answer
  const replyTo = message.from ? undefined : effects.message.replyTo
  const start: GoalStartPart = { ...given, ...(replyTo && { replyTo }) }
  const event: GoalEvent = {
    type: 'goal-start',
    agent,
    goal: message.goal,
    ...(message.from && { from: message.from.goal }),
    ...(message.files && { files: message.files }),
  }
  return { begun, parts: { [START_PART]: start as Json }, event }
}

/**
 * A goal that continues another one asks the model at once, and
 * follows no playbook. Its limit of rounds counts only new rounds.
 */
async function beginFork(
  { readRound }: Pick<AgentServices, 'readRound'>,
  message: GoalStart & Required<Pick<GoalStart, 'from'>>,
  effects: Effects,
): Promise<Turn<GoalState>> {
  const { goal, rounds, told: notes } = message.from
  const { begun, parts, event } = opening(message, effects)
  const taken: { [part: string]: Json } = {}
  for (let number = 1; number <= rounds; number++) {
    const read = async () => ((await readRound(goal, number)) ?? null) as Json
    const round = (await effects.run(`round.${number}`, read, { effect: 'pure' })) as unknown as Round | null
    if (round === null) return { refuse: roundGone(goal, number) }
    const { tokens: _, cost: __, ...reused } = round
    taken[roundPart(number)] = { ...reused, run: madeBy(goal, number, round) } as Json
  }
  const limits = { ...begun.limits, rounds: begun.limits.rounds + rounds }
  const forked: Thinking = { ...begun, rounds, told: notes, limits }
  return {
    ...settled(forked),
    parts: { ...parts, ...taken },
    events: [event],
    reply: { status: 'started' },
    send: [nextThink(forked, effects.self)],
  }
}

/** A new goal waits while the process is degraded. */
function heldBack(state: Thinking, title: string, since: number): Waiting {
  return { ...state, status: 'waiting', wait: { type: 'health', title, since } }
}

/** When a goal that waits for the health of the process looks again. */
const HEALTH_TIMER: NonNullable<Turn['timers']> = { health: { delay: 2000, body: { type: 'retry' } } }

/** Begins a goal that waited, when the process is well again. */
export async function lookAtHealth(
  services: AgentServices,
  state: Waiting,
  effects: Effects,
): Promise<Turn<GoalState>> {
  const why = await effects.run('health', () => services.whyDegraded(), { effect: 'pure' })
  if (why !== '') return { timers: HEALTH_TIMER }
  const { wait, pauseRequested, ...rest } = state
  if (pauseRequested)
    return { ...settled({ ...rest, status: 'paused' }), events: [{ type: 'goal-pause' } satisfies GoalEvent] }
  // a process that was degraded does not use up the time of the goal
  const waited = messageTime(effects.message) - wait.since
  const going: Thinking = {
    ...rest,
    status: 'thinking',
    limits: { ...rest.limits, until: rest.limits.until + waited },
  }
  return { ...settled(going), events: [{ type: 'goal-resume' } satisfies GoalEvent], send: [chooseNext(effects.self)] }
}

const roundGone = (goal: string, round: number): Problem => ({
  code: 'not_recorded',
  name: 'InvalidError',
  terminal: true,
  message: `round ${round} of the goal ${goal} is no longer stored`,
})

const GOAL_EXISTS: Problem = {
  code: 'goal_exists',
  name: 'InvalidError',
  message: 'a goal with this id already exists',
  terminal: true,
}

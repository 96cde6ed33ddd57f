import { type Problem, refusal } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import { workTrace } from '../../observe/work-trace.ts'
import type { GoalEvent } from '../protocol/goal-event.ts'
import { type GoalStart, type GoalStartPart, START_PART } from '../protocol/messages.ts'
import { madeBy, type Round, roundPart } from '../protocol/rounds.ts'
import { DEFAULT_LIMITS, type GoalState, NEW_GOAL, type Thinking } from '../protocol/state.ts'
import { firstNext } from './control.ts'
import type { AgentServices } from './services.ts'
import { messageTime, settled } from './turns.ts'
import { freed, heldTurn, waitBefore } from './wait-to-begin.ts'

/** The first turn of a goal, which may have to wait. A goal that continues another one copies its rounds first. */
export async function beginGoal(
  services: Pick<AgentServices, 'readRound'>,
  state: GoalState,
  message: GoalStart,
  effects: Effects,
): Promise<Turn<GoalState>> {
  if (state.status !== 'new') return { refuse: GOAL_EXISTS, send: await freed(state, message, effects) }
  if (message.from) return beginFork(services, { ...message, from: message.from }, effects)
  const { begun, parts, event } = opening(message, effects)
  return { ...firstTurn(begun, message, event, effects), parts }
}

/** A new goal begins, or waits for its time, its key or its process. */
function firstTurn(begun: Thinking, message: GoalStart, event: GoalEvent, effects: Effects): Turn<GoalState> {
  const wait = waitBefore(message, begun.startedAt)
  if (!wait) return { ...settled(begun), events: [event], send: [firstNext(begun, effects.self)] }
  const held = heldTurn({ ...begun, status: 'waiting', wait }, begun.startedAt, effects)
  return { ...held, events: [event, ...held.events] }
}

function opening(message: GoalStart, effects: Effects) {
  const { type: _, agent, owner, limits = {}, ...rest } = message
  const { hold: __, at: ___, admitted: ____, debouncedUntil: _____, ...given } = rest
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
    ...present({ owner, parent, trace }),
    // its answer has those that the goal before it made
    ...present({ files: message.replies?.at(-1)?.files }),
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

/** A goal that continues another asks the model first and follows no playbook. Its limit counts only new rounds. */
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
    const round = (await effects.run(`round.${number}`, read, { effect: 'pure' })) as Round | null
    if (round === null) return { refuse: roundGone(goal, number), send: await freed(NEW_GOAL, message, effects) }
    const { tokens: _, cost: __, ...reused } = round
    taken[roundPart(number)] = { ...reused, run: madeBy(goal, number, round) } as Json
  }
  const limits = { ...begun.limits, rounds: begun.limits.rounds + rounds }
  const forked: Thinking = { ...begun, rounds, told: notes, limits }
  return {
    ...firstTurn(forked, message, event, effects),
    parts: { ...parts, ...taken },
    reply: { status: 'started' },
  }
}

const roundGone = (goal: string, round: number): Problem =>
  refusal({ code: 'not_recorded', message: `round ${round} of the goal ${goal} is no longer stored` })

const GOAL_EXISTS: Problem = refusal({ code: 'goal_exists', message: 'a goal with this id already exists' })

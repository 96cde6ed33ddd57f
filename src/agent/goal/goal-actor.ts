import { shortfallIn } from '../../budget/shortfall.ts'
import { isFromBudget, RETRY_TIMER, reserveMessage } from '../../budget/waiting.ts'
import { type Problem, problemOf } from '../../errors.ts'
import { isInterruption } from '../../kernel/interrupt.ts'
import type { Json } from '../../kernel/schema.ts'
import { retryUpTo } from '../../kernel/supervise.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, ActorRef, Effects, Envelope, Notice, Turn } from '../../kernel/types.ts'
import { choose, endPlaybook } from '../playbook/follow-playbook.ts'
import type { AgentServices } from '../services.ts'
import { startRun, withOutcomes } from './act.ts'
import { nextThink, pauseGoal, rateGoal, resumeGoal, tellGoal } from './control.ts'
import { decideNext, type Next } from './decide-next.ts'
import { endGoal } from './end.ts'
import { guardLoops } from './loop-guard.ts'
import { type GoalMessage, type GoalStart, goalMessage } from './messages.ts'
import {
  DEFAULT_LIMITS,
  type GoalStartPart,
  type GoalState,
  goalIndex,
  isOver,
  NEW_GOAL,
  type Round,
  type RoundCall,
  roundPart,
  runOfRound,
} from './state.ts'
import { think } from './think.ts'

/** `agent/<goal>`: works towards one goal in rounds. A round is one answer of the model, and one run that makes its calls. */
export function goalActor(services: AgentServices): Actor<GoalState, GoalMessage> {
  return defineActor<GoalState, GoalMessage>({
    kind: 'agent',
    message: goalMessage,
    initial: () => NEW_GOAL,
    supervise: retryUpTo(4),
    receive(state, message, effects) {
      switch (message.type) {
        case 'start':
          return beginGoal(state, message, effects)
        case 'choose':
          return state.status === 'thinking' && state.rounds === 0 ? choose(services, state, effects) : {}
        case 'think':
          return isDue(state, message.round) ? beginRound(services, state, effects) : {}
        case 'run-end':
          return isOwnRun(state, effects) ? endRun(services, state, message.status, effects) : {}
        case 'tell':
          return tellGoal(state, message.text)
        case 'pause':
          return pauseGoal(state)
        case 'resume':
          return resumeGoal(state, message, effects)
        case 'rate':
          return rateGoal(state, message.rating)
        case 'expire':
          return state.status === 'new' || isOver(state) ? { reply: true, stop: true } : { reply: false }
        case 'retry':
        case undefined:
          return continueAfterWait(state, effects)
      }
    },
    notice(state, notice, effects) {
      return handleNotice(state, notice, effects)
    },
  })
}

/** The address of a goal. */
export const goalRef = (goal: string): ActorRef => ({ kind: 'agent', key: goal })

/** When the message was sent, or due. A turn depends only on its message, so this needs no journal entry. */
export const messageTime = ({ createdAt, due = 0 }: Envelope): number => Math.max(createdAt, due)

function beginGoal(state: GoalState, message: GoalStart, effects: Effects): Turn<GoalState> {
  if (state.status !== 'new') return { refuse: GOAL_EXISTS }
  const { type: _, agent, owner, limits = {}, ...kept } = message
  const startedAt = messageTime(effects.message)
  const { time, ...bounds } = { ...DEFAULT_LIMITS, ...limits }
  const begun: GoalState = {
    ...{ ...NEW_GOAL, status: 'thinking', agent, startedAt, limits: { ...bounds, until: startedAt + time } },
    ...(owner !== undefined && { owner }),
  }
  const { replyTo } = effects.message
  const start: GoalStartPart = { ...kept, ...(replyTo && { replyTo }) }
  return {
    ...settled(begun),
    parts: { start: start as unknown as Json },
    events: [{ type: 'goal-start', agent, goal: message.goal }],
    send: [message.playbooks?.length ? chooseNext(effects.self) : nextThink(begun, effects.self)],
  }
}

const chooseNext = (self: ActorRef) => ({
  ...{ to: self, body: { type: 'choose' }, type: 'event' as const },
  correlationId: self.key,
})

/** Only the newest message asks for a round: a pause and a resume leave an old one behind. */
const isDue = (state: GoalState, round: number) => state.status === 'thinking' && round === state.rounds + 1

const GOAL_EXISTS: Problem = {
  code: 'goal_exists',
  name: 'InvalidError',
  message: 'a goal with this id already exists',
  terminal: true,
}

/** The state with its index entry. */
const settled = (state: GoalState) => ({ state, index: goalIndex(state) })

/** Asks the model, and starts what follows from its answer. */
async function beginRound(services: AgentServices, state: GoalState, effects: Effects): Promise<Turn<GoalState>> {
  const at = messageTime(effects.message)
  try {
    const thought = await think(services, state, effects)
    const round = state.rounds + 1
    const { told: _, ...rest } = state
    const after: GoalState = {
      ...{ ...rest, told: [], rounds: round },
      tokens: state.tokens + thought.tokens,
      cost: state.cost + thought.cost,
    }
    const part: Round = { said: thought.said, calls: thought.calls, ...(state.told.length > 0 && { told: state.told }) }
    const calls = thought.calls.map(({ tool, step }) => ({ tool, ...(step !== undefined && { step }) }))
    const turn = await applyNext(services, after, decideNext(after, { type: 'thought', ...thought }, at), effects, part)
    return {
      ...turn,
      parts: { [roundPart(round)]: part as unknown as Json, ...turn.parts },
      events: [{ type: 'round', round, text: thought.text, calls }, ...(turn.events ?? [])],
    }
  } catch (error) {
    if (isInterruption(error)) throw error
    const problem = problemOf(error)
    const shortfall = shortfallIn(problem)
    if (!shortfall) return endGoal(state, { type: 'fail', problem: withoutSecrets(problem, services) }, effects)
    const wait = { type: 'money' as const, scope: shortfall.scope, title: problem.message.slice(0, 500), since: at }
    const turn = waitTurn({ ...state, status: 'waiting', wait })
    return { ...turn, send: [reserveMessage(shortfall, effects, effects.self.key)] }
  }
}

function withoutSecrets(problem: Problem, { redact = (text) => text }: AgentServices): Problem {
  const { message, hint } = problem
  return { ...problem, message: redact(message), ...(hint !== undefined && { hint: redact(hint) }) }
}

const isOwnRun = ({ status, run }: GoalState, { message }: Effects) =>
  status === 'acting' && run !== undefined && message.from?.key === run

function endRun(services: AgentServices, state: GoalState, status: string, effects: Effects): Promise<Turn<GoalState>> {
  if (state.playbook === undefined) return endRound(services, state, effects)
  return endPlaybook(services, state, status, effects)
}

/** The run of the round has ended: records the results, and goes on. */
async function endRound(services: AgentServices, state: GoalState, effects: Effects): Promise<Turn<GoalState>> {
  const { run = '', rounds } = state
  const start = (await effects.part('start')) as unknown as GoalStartPart
  const { onUnknown } = await services.readDefinition(start.definition)
  const round = (await effects.part(roundPart(rounds))) as unknown as Round
  const read = async () => {
    const outcomes = await services.readOutcomes(run)
    return { calls: withOutcomes(rounds, round.calls, outcomes), waited: outcomes.waited } as unknown as Json
  }
  const { calls, waited } = (await effects.run('outcomes', read, { effect: 'pure' })) as unknown as EndedCalls
  const { recent, verdict } = guardLoops(state.recent, calls)
  const { run: _, ...rest } = state
  const after: GoalState = {
    ...{ ...rest, status: 'thinking', recent },
    calls: state.calls + calls.filter(({ step }) => step !== undefined).length,
    // a person who takes long to approve does not use up the time of the goal
    limits: { ...state.limits, until: state.limits.until + waited },
    told: verdict.type === 'repeats' ? [...state.told, repeatNote(verdict.tool)] : state.told,
  }
  const next = decideNext(after, { type: 'acted', calls, loop: verdict, onUnknown }, messageTime(effects.message))
  const turn = await applyNext(services, after, next, effects)
  const results = calls.map(({ tool, result }) => ({ tool, outcome: result?.outcome ?? 'cancelled' }))
  return {
    ...turn,
    parts: { [roundPart(rounds)]: { ...round, calls } as unknown as Json, ...turn.parts },
    events: [{ type: 'round-end', round: rounds, results }, ...(turn.events ?? [])],
  }
}

/** The calls of a round with their bounded results, and the ms that they waited for a person. */
type EndedCalls = { readonly calls: readonly RoundCall[]; readonly waited: number }

const repeatNote = (tool: string) =>
  `The call of ${tool} has given the same result three times. Do something else, or say in the final answer what is missing.`

/** Carries out a decision. */
async function applyNext(
  services: AgentServices,
  state: GoalState,
  next: Next,
  effects: Effects,
  round?: Round,
): Promise<Turn<GoalState>> {
  switch (next.type) {
    case 'think':
      return { ...settled({ ...state, status: 'thinking' }), send: [nextThink(state, effects.self)] }
    case 'act':
      return act(services, state, round!, effects)
    case 'pause': {
      const { pauseRequested: _, ...rest } = state
      return { ...settled({ ...rest, status: 'paused' }), events: [{ type: 'goal-pause' }] }
    }
    case 'wait':
      return waitTurn({ ...state, status: 'waiting', wait: next.wait })
    case 'complete':
    case 'fail':
      return endGoal(state, next, effects)
  }
}

function waitTurn(state: GoalState): Turn<GoalState> {
  const { type, title } = state.wait!
  return { ...settled(state), events: [{ type: 'goal-wait', reason: type, title }] }
}

async function act(
  services: AgentServices,
  state: GoalState,
  round: Round,
  effects: Effects,
): Promise<Turn<GoalState>> {
  const start = (await effects.part('start')) as unknown as GoalStartPart
  const definition = await services.readDefinition(start.definition)
  const run = runOfRound(effects.self.key, state.rounds)
  const acting: GoalState = { ...state, status: 'acting', run }
  return { ...settled(acting), send: [startRun(run, round.calls, start, { state, definition, services, effects })] }
}

/** The budget has money again, or has no room for another waiter yet: the round is tried again. */
function continueAfterWait(state: GoalState, effects: Effects): Turn<GoalState> {
  if (state.status !== 'waiting' || state.wait?.type !== 'money') return {}
  const { wait: _, ...rest } = state
  return { ...settled({ ...rest, status: 'thinking' }), send: [nextThink(state, effects.self)] }
}

function handleNotice(state: GoalState, notice: Notice, effects: Effects): Turn<GoalState> | Promise<Turn<GoalState>> {
  if (notice.type === 'cancelled')
    return isOver(state) ? {} : endGoal(state, { type: 'cancel', reason: notice.reason }, effects)
  if (notice.type !== 'error') return {}
  if (isFromBudget(notice.from)) return RETRY_TIMER
  // a run that could not even begin
  const isOfRound = state.status === 'acting' && notice.from?.key === state.run
  return isOfRound ? endGoal(state, { type: 'fail', problem: notice.problem }, effects) : {}
}

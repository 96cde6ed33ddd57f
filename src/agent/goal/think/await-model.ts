import { shortfallIn } from '../../../budget/shortfall.ts'
import { reserveMessage } from '../../../budget/waiting.ts'
import { type Problem, redactProblem } from '../../../errors.ts'
import type { Effects, Turn } from '../../../kernel/types.ts'
import { remedyOf } from '../../../model/call/failure-kinds.ts'
import { type CachedTokens, sumCached } from '../../../model/cost/usage.ts'
import { replyIn } from '../../../model/reply/failed-reply.ts'
import { spentIn } from '../../../work/ask-model.ts'
import { changesIn, isCodeMissing } from '../../../work/code-wait.ts'
import { nextTryIn, pauseOf, type WaitTerms, waitOf, waitTerms } from '../../../work/provider-wait.ts'
import { isOfSettings } from '../../../work/settings-wait.ts'
import { WORKERS_UNHEALTHY } from '../../../worker/worker.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import type { GoalEvent } from '../../protocol/goal-event.ts'
import type { GoalState, Thinking, Waiting } from '../../protocol/state.ts'
import type { GoalWait } from '../../protocol/stored-goal.ts'
import { endGoal } from '../end.ts'
import type { AgentServices } from '../services.ts'
import { settled, waitTurn } from '../turns.ts'
import { type FinalAnswer, wrongText } from './final-answer.ts'

/** The terms of a goal that waits for its provider: how long, by its definition or its pool, and since when. */
export function waitTermsOf(
  { patience, redact }: Pick<AgentServices, 'patience' | 'redact'>,
  { patience: own }: Pick<AgentDefinition, 'patience'>,
  pool: { readonly id: string },
  { wait }: Pick<GoalState, 'wait'>,
): WaitTerms {
  return waitTerms(patience, pool, {
    own: own === undefined ? undefined : own * 1000,
    wait: wait?.type === 'provider' ? waitOf(wait) : undefined,
    ...(redact && { hide: redact }),
  })
}

/**
 * The turn after a round that failed. The goal waits for its provider, for a process with the code of its agent, for
 * money, or for a person who can correct the cause; any other failure ends it.
 */
export function afterFailure(
  services: AgentServices,
  before: Thinking | Waiting,
  found: Problem,
  at: number,
  effects: Effects,
): Turn<GoalState> | Promise<Turn<GoalState>> {
  const { tokens, cost } = spentIn(found)
  const state = { ...before, tokens: before.tokens + tokens, cost: before.cost + cost }
  const problem = redactProblem(found, services.redact)
  if (needsSettings(problem)) services.noteWait?.(effects.self.key, problem)
  if (isUnanswered(problem)) return awaitModel(state, problem, at, effects)
  const shortfall = shortfallIn(found)
  if (!shortfall) return endGoal(state, { type: 'fail', problem }, effects)
  const wait = { type: 'money' as const, scope: shortfall.scope, title: found.message.slice(0, MAX_TITLE), since: at }
  const turn = waitTurn({ ...state, status: 'waiting', wait }, effects)
  return { ...turn, send: [reserveMessage(shortfall, effects, effects.self.key), ...turn.send] }
}

const isUnanswered = (problem: Problem): boolean =>
  isCodeMissing(problem) ||
  problem.code === WORKERS_UNHEALTHY ||
  needsSettings(problem) ||
  !['fail', undefined].includes(remedyOf(problem.code))

/**
 * Whether the settings of the process keep a goal from its model. A message also waits if nobody named a model that
 * can choose tools, and its agent has no playbooks: nothing could answer it.
 */
const needsSettings = ({ code, data }: Problem): boolean => isOfSettings(code) || data?.waits === SETTINGS

/** The data of an error that makes a goal wait for other settings, whatever its code. */
export const WAITS_FOR_SETTINGS = { waits: 'settings' } as const
const SETTINGS = WAITS_FOR_SETTINGS.waits

/** Makes the goal wait: for its provider, which it then asks again, or for a person, with the reason. */
function awaitModel(state: Thinking | Waiting, problem: Problem, at: number, effects: Effects): Turn<GoalState> {
  if (isCodeMissing(problem)) {
    const changes = changesIn(problem)
    const wait: GoalWait = { type: 'code', title: problem.message, since: at, ...(changes && { changes }) }
    return waitTurn({ ...state, status: 'waiting', wait }, effects)
  }
  const next = nextTryIn(problem)
  if (!next) {
    const reply = replyIn(problem)
    const wait: GoalWait = {
      type: 'model',
      code: problem.code,
      title: titleOf(problem),
      since: at,
      ...(reply !== undefined && { reply }),
      ...(needsSettings(problem) && { settings: true }),
    }
    return waitTurn({ ...state, status: 'waiting', wait }, effects)
  }
  // wake up at the deadline at the latest
  const delay = Math.max(0, Math.min(next.delay, state.limits.until - next.at))
  const title = problem.message.slice(0, MAX_TITLE)
  const pause = pauseOf(next, delay)
  const wait: GoalWait = { type: 'provider', title, ...pause }
  const { until } = pause
  const waiting: Waiting = { ...state, status: 'waiting', wait }
  return {
    ...settled(waiting),
    // the hint is said once, with the first try
    events: [
      {
        type: 'provider-wait',
        title: next.tries === 1 ? titleOf(problem) : title,
        tries: next.tries,
        until,
      } satisfies GoalEvent,
    ],
    timers: { provider: { delay, body: { type: 'retry' } } },
  }
}

/** The state of a goal whose wait did not use up its time. */
export function withTimeOf(state: Waiting, at: number): Waiting {
  const { limits, wait } = state
  return { ...state, limits: { ...limits, until: limits.until + Math.max(0, at - wait.since) } }
}

/** The turn, or nothing if the goal waits on for the same reason. */
export function unlessSame({ wait }: Waiting, turn: Turn<GoalState>): Turn<GoalState> {
  return turn.state?.status === 'waiting' && turn.state.wait.title === wait.title ? {} : turn
}

/** Characters of the reason that people read. */
const MAX_TITLE = 500

const titleOf = ({ message, hint }: Problem) =>
  (hint === undefined ? message : `${message.replace(/\.?$/, '.')} ${hint}`).slice(0, MAX_TITLE)

/** The state after a reply of its model, with the tokens and the window that it has shown. Tells wrong answers. */
export function afterReply(
  state: Omit<Thinking, 'status' | 'told'>,
  {
    window,
    room,
    final,
    calls,
    ...thought
  }: CachedTokens & {
    readonly window?: number
    readonly room?: number
    readonly final?: FinalAnswer
    readonly calls: readonly unknown[]
  },
): Thinking {
  const isWrong = final !== undefined && 'wrong' in final
  return {
    ...state,
    ...sumCached(state, thought),
    status: 'thinking',
    told: isWrong && calls.length === 0 ? [wrongText(final.wrong)] : [],
    ...(window !== undefined && { window }),
    ...(room !== undefined && { room }),
    ...(isWrong && { wrongAnswers: (state.wrongAnswers ?? 0) + 1 }),
  }
}

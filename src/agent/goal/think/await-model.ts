import type { Problem } from '../../../errors.ts'
import type { Effects, Turn } from '../../../kernel/types.ts'
import { remedyOf } from '../../../model/call/failure-kinds.ts'
import { replyIn } from '../../../model/reply/failed-reply.ts'
import { isCodeMissing } from '../../../work/code-wait.ts'
import { nextTryIn, pauseOf, type WaitTerms, waitOf, waitTerms } from '../../../work/provider-wait.ts'
import { WORKERS_UNHEALTHY } from '../../../worker/worker.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import type { GoalState, Thinking, Waiting } from '../../protocol/state.ts'
import type { GoalWait } from '../../protocol/stored-goal.ts'
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
 * Whether a goal waits after this failure of a round: for its provider, for a process with the code of its agent, or
 * for a person who can correct the cause.
 */
export const isUnanswered = (problem: Problem): boolean =>
  isCodeMissing(problem) || problem.code === WORKERS_UNHEALTHY || !['fail', undefined].includes(remedyOf(problem.code))

/** Makes the goal wait: for its provider, which it then asks again, or for a person, with the reason. */
export function awaitModel(state: Thinking | Waiting, problem: Problem, at: number, effects: Effects): Turn<GoalState> {
  if (isCodeMissing(problem))
    return waitTurn({ ...state, status: 'waiting', wait: { type: 'code', title: problem.message, since: at } }, effects)
  const next = nextTryIn(problem)
  if (!next) {
    const reply = replyIn(problem)
    const wait: GoalWait = {
      type: 'model',
      code: problem.code,
      title: titleOf(problem),
      since: at,
      ...(reply !== undefined && { reply }),
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
    events: [{ type: 'provider-wait', title: next.tries === 1 ? titleOf(problem) : title, tries: next.tries, until }],
    timers: { provider: { delay, body: { type: 'retry' } } },
  }
}

/** Characters of the reason that people read. */
const MAX_TITLE = 500

const titleOf = ({ message, hint }: Problem) =>
  (hint === undefined ? message : `${message.replace(/\.?$/, '.')} ${hint}`).slice(0, MAX_TITLE)

/** The state after a reply of its model, with the window that it has shown. Counts and tells wrong answers. */
export function afterReply(
  state: Omit<Thinking, 'status' | 'told'>,
  {
    window,
    final,
    calls,
  }: { readonly window?: number; readonly final?: FinalAnswer; readonly calls: readonly unknown[] },
): Thinking {
  const isWrong = final !== undefined && 'wrong' in final
  return {
    ...state,
    status: 'thinking',
    told: isWrong && calls.length === 0 ? [wrongText(final.wrong)] : [],
    ...(window !== undefined && { window }),
    ...(isWrong && { wrongAnswers: (state.wrongAnswers ?? 0) + 1 }),
  }
}

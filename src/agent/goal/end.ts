import { budgetRef } from '../../budget/scope.ts'
import type { Problem } from '../../errors.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Effects, Send, Turn } from '../../kernel/types.ts'
import { type GoalStartPart, type GoalState, goalIndex } from './state.ts'

/** How a goal ends. */
export type GoalEnding =
  | { readonly type: 'complete'; readonly answer: string }
  | { readonly type: 'fail'; readonly problem: Problem }
  | { readonly type: 'cancel'; readonly reason: string }

/** The answer of a goal to its caller. */
export type GoalReply = {
  readonly status: 'completed' | 'failed' | 'cancelled'
  readonly answer?: string
  readonly problem?: Problem
}

const STATUSES = { complete: 'completed', fail: 'failed', cancel: 'cancelled' } as const

/** The last turn of a goal: the caller gets exactly one reply, and the run that makes calls is cancelled. */
export async function endGoal(state: GoalState, ending: GoalEnding, effects: Effects): Promise<Turn<GoalState>> {
  const { self, message } = effects
  const { run, wait, pauseRequested: _, ...rest } = state
  const problem = problemIn(ending)
  const over: GoalState = {
    ...rest,
    ...{ status: STATUSES[ending.type], finishedAt: Math.max(message.createdAt, message.due ?? 0), told: [] },
    ...(problem && { problem }),
  }
  const answer = ending.type === 'complete' ? { answer: ending.answer } : {}
  const reply: GoalReply = { status: STATUSES[ending.type], ...answer, ...(problem && { problem }) }
  const start = (await effects.part('start')) as unknown as GoalStartPart | undefined
  const send: Send[] = start?.replyTo ? [{ to: start.replyTo, body: reply as unknown as Json, type: 'response' }] : []
  if (wait?.type === 'money')
    send.push({
      to: budgetRef(wait.scope),
      body: { type: 'release', by: nameOf(self) },
      correlationId: `${self.key}.release`,
    })
  return {
    ...{ state: over, index: goalIndex(over), send },
    events: [{ type: 'goal-end', ...reply } as unknown as Json],
    ...(ending.type === 'complete' && { parts: { answer: ending.answer } }),
    ...(run !== undefined && {
      cancel: [{ of: { kind: 'run', key: run }, correlationId: run, reason: 'the goal has ended' }],
    }),
  }
}

function problemIn(ending: GoalEnding): Problem | undefined {
  if (ending.type === 'complete') return undefined
  if (ending.type === 'fail') return ending.problem
  return { code: 'cancelled', name: 'CancelledError', message: ending.reason, terminal: true }
}

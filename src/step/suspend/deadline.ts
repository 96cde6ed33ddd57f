import { KIND } from '../../house/actors.ts'
import type { Turn } from '../../kernel/types.ts'
import type { AwaitingCallback } from '../attempt/step-state.ts'
import { type CallbackRequest, isSignalTarget } from '../messages/callback.ts'
import type { StepStart } from '../messages/step-start.ts'

/** The maximum wait for a child run: the remaining time of the goal above. Goals and people have their own limits. */
export function deadlineOf({ run }: StepStart, { to }: CallbackRequest): Pick<AwaitingCallback, 'deadline'> {
  const isRun = !isSignalTarget(to) && to.kind === KIND.run
  return isRun && run.callTime !== undefined ? { deadline: run.callTime } : {}
}

/** The time until a request times out, `passed` ms after the first one; undefined: never. */
export function limitOf({ question, deadline }: Omit<AwaitingCallback, 'later'>, passed: number): number | undefined {
  const { limit } = question
  if (deadline === undefined) return limit
  const left = Math.max(1, deadline - passed)
  return limit === undefined ? left : Math.min(limit, left)
}

/** The next look-up of a call in doubt. */
export const lookAfter = (delay: number): NonNullable<Turn['timers']> => ({
  'look-up': { delay, body: { type: 'look-up' } },
})

export const timeoutAfter = (delay: number): NonNullable<Turn['timers']> => ({
  timeout: { delay, body: { type: 'timeout' } },
})

import type { GoalsPort } from '../../runtime/ports/goals.ts'
import { checkFile, type Sight } from './access.ts'

/** Goals as a caller sees them. */
export type ScopedGoals = GoalsPort & {
  /** Checks that the caller sees the goal. NotFoundError when not. */
  check(goal: string): Promise<void>
}

/** The goals of a caller: another owner's goal looks like a missing one. */
export function scopedGoals({ runtime, caller, isAdmin, checkGoal: check }: Sight): ScopedGoals {
  const { goals } = runtime
  const { owner } = caller

  return {
    check,
    async start(request) {
      if (typeof request.agent === 'string' && /[/\\]/.test(request.agent)) checkFile(caller, request.agent)
      return goals.start({ ...request, owner, trusted: caller.local })
    },
    list: (query) => goals.list({ ...query, ...(!isAdmin && { owner }) }),
    async get(goal) {
      await check(goal)
      return goals.get(goal)
    },
    async *events(goal, from) {
      await check(goal)
      yield* goals.events(goal, from)
    },
    async tell(goal, text) {
      await check(goal)
      return goals.tell(goal, text)
    },
    async pause(goal) {
      await check(goal)
      return goals.pause(goal)
    },
    async resume(goal, options) {
      await check(goal)
      return goals.resume(goal, options)
    },
    async fork(goal, request) {
      await check(goal)
      return goals.fork(goal, request)
    },
    async settle(goal, ...given) {
      await check(goal)
      return goals.settle(goal, ...given)
    },
    async cancel(goal, reason) {
      await check(goal)
      return goals.cancel(goal, reason)
    },
    async rate(goal, rating) {
      await check(goal)
      return goals.rate(goal, rating)
    },
  }
}

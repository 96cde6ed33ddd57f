import type { ServingPort } from '../../runtime/ports/serving.ts'
import type { Sight } from './access.ts'
import { adminsOnly } from './admin.ts'

/** The serving port as a caller may use it. */
export type ScopedServing = Omit<ServingPort, 'ownerOfRun' | 'ownerOfGoal' | 'ownerOfThread' | 'threadOfAsk'>

export function scopedServing(sight: Sight): ScopedServing {
  const { runtime, checkRun, checkGoal, seenThread } = sight
  const { serving } = runtime
  const { claimRequest, claimedRequest, releaseRequest } = serving
  return {
    ...{ claimRequest, claimedRequest, releaseRequest },
    async runEnded(run, after) {
      await checkRun(run)
      return serving.runEnded(run, after)
    },
    async goalEnded(goal, after) {
      await checkGoal(goal)
      return serving.goalEnded(goal, after)
    },
    async askEnded(thread, ask, after) {
      return serving.askEnded((await seenThread(thread)).key, ask, after)
    },
    handOver: async (...asked) => adminsOnly(sight, serving).handOver(...asked),
  }
}

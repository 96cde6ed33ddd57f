import { adminsOnly } from '../../access/api-key.ts'
import type { AccessPort } from '../../runtime/ports/access.ts'
import type { ServingPort } from '../../runtime/ports/serving.ts'
import type { Runtime } from '../../runtime/ports.ts'
import type { Sight } from './access.ts'

/** The ports without an owner. */
export type OfAdmins = Pick<Runtime, 'inspector' | 'maintenance' | 'status'>

/** The ports without an owner, restricted to admins. */
export function forAdmins(sight: Sight): OfAdmins {
  const { runtime } = sight
  return {
    get inspector() {
      return adminsOnly(sight, runtime.inspector)
    },
    get maintenance() {
      return adminsOnly(sight, runtime.maintenance)
    },
    status: () => adminsOnly(sight, runtime).status(),
  }
}

/** Links to runs that the caller sees; keys and the audit are for admins. */
export function scopedAccess(sight: Sight): AccessPort {
  const { runtime, caller, checkRun } = sight
  const { keys, links, audit } = runtime.access
  return {
    get keys() {
      return adminsOnly(sight, keys)
    },
    get audit() {
      return adminsOnly(sight, audit)
    },
    links: {
      async create(request) {
        await checkRun(request.run)
        return links.create({ ...request, owner: (await runtime.serving.ownerOfRun(request.run)) ?? caller.owner })
      },
      // whoever has its token may use it
      read: (token) => links.read(token),
      use: (token, value) => links.use(token, value),
    },
  }
}

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

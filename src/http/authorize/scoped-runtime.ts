import type { AccessPort } from '../../runtime/ports/access.ts'
import type { Runtime } from '../../runtime/ports.ts'
import { sightOf } from './access.ts'
import { type OwnedActors, ownedActors } from './actors.ts'
import { forAdmins, type OfAdmins } from './admin.ts'
import { type OwnedBudgets, ownedBudgets } from './budgets.ts'
import type { Caller } from './caller.ts'
import { ownedAccess } from './links.ts'
import { type OwnedRuns, ownedRuns } from './runs.ts'
import { type OwnedThreads, ownedThreads } from './threads.ts'

/** What a caller sees of a runtime: what is another owner's is not there, and what is begun is the caller's own. Who is an admin sees all. */
export type Owned = OwnedRuns &
  OwnedThreads &
  OfAdmins &
  Pick<Runtime, 'ready' | 'claimRequest' | 'claimedRequest' | 'releaseRequest' | 'catalogue'> & {
    readonly access: AccessPort
    readonly budgets: OwnedBudgets
    readonly actors: OwnedActors
  }

/** Views that are kept, of those who asked first. */
const MOST = 256

/** A view of a runtime for each caller: the one place where owners are told apart. It is made once for all requests that may do the same on the same owner's behalf. */
export function createOwned(runtime: Runtime): (caller: Caller) => Owned {
  const made = new Map<string, Owned>()
  return (caller) => {
    const { owner, scopes, local } = caller
    const like = JSON.stringify([owner, scopes, local])
    const found = made.get(like)
    if (found) return found
    const view = owned(runtime, { owner, scopes, local })
    if (made.size >= MOST) made.delete(made.keys().next().value!)
    made.set(like, view)
    return view
  }
}

/** The view of one caller. */
export function owned(runtime: Runtime, caller: Caller): Owned {
  const sight = sightOf(runtime, caller)
  const { ready, claimRequest, claimedRequest, releaseRequest, catalogue } = runtime
  return Object.assign(forAdmins(sight), ownedRuns(sight), ownedThreads(sight), {
    access: ownedAccess(sight),
    budgets: ownedBudgets(sight),
    actors: ownedActors(sight),
    ...{ ready, claimRequest, claimedRequest, releaseRequest, catalogue },
  })
}

import type { Runtime } from '../runtime.ts'
import type { Caller } from './caller.ts'
import { type OwnedActors, ownedActors } from './owned/actors.ts'
import { forAdmins, type OfAdmins } from './owned/admins.ts'
import { type OwnedBudgets, ownedBudgets } from './owned/budgets.ts'
import { type OwnedRuns, ownedRuns } from './owned/runs.ts'
import { sightOf } from './owned/sight.ts'
import { type OwnedThreads, ownedThreads } from './owned/threads.ts'

/** What a caller sees of a runtime: what is another owner's is not there, and what is begun is the caller's own. Who is an admin sees all. */
export type Owned = OwnedRuns &
  OwnedThreads &
  OfAdmins &
  Pick<Runtime, 'broken' | 'claimRequest' | 'releaseRequest' | 'tools' | 'models' | 'judgeModels'> & {
    readonly budgets: OwnedBudgets
    readonly actors: OwnedActors
  }

/** The caller's view of a runtime: the one place where owners are told apart. */
export function owned(runtime: Runtime, caller: Caller): Owned {
  const sight = sightOf(runtime, caller)
  const { broken, claimRequest, releaseRequest, tools, models, judgeModels } = runtime
  return Object.assign(forAdmins(sight), ownedRuns(sight), ownedThreads(sight), {
    budgets: ownedBudgets(sight),
    actors: ownedActors(sight),
    ...{ broken, claimRequest, releaseRequest, tools, models, judgeModels },
  })
}

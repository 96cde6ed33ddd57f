import { type RoomViews, viewRooms } from '../../rooms/rooms.ts'
import type { AccessPort } from '../../runtime/ports/access.ts'
import type { PipelinesPort } from '../../runtime/ports/pipelines.ts'
import type { ToolsPort } from '../../runtime/ports/tools.ts'
import type { Runtime, ServedRuntime } from '../../runtime/ports.ts'
import { sightOf } from './access.ts'
import { type ScopedActors, scopedActors } from './actors.ts'
import { forAdmins, type OfAdmins, type ScopedServing, scopedAccess, scopedServing } from './admin.ts'
import type { Caller } from './caller.ts'
import { type ScopedGoals, scopedGoals } from './goals.ts'
import { type ScopedInbox, scopedInbox } from './inbox.ts'
import { type ScopedRuns, scopedPipelines, scopedRuns, scopedTools } from './runs.ts'
import { type ScopedThreads, scopedThreads } from './threads.ts'

/**
 * The runtime as a caller sees it: only items of its owner, and new items belong to it. An admin
 * sees everything.
 */
export type ScopedRuntime = OfAdmins &
  RoomViews &
  Pick<Runtime, 'ready' | 'catalogue'> & {
    readonly pipelines: PipelinesPort
    readonly runs: ScopedRuns
    readonly tools: ToolsPort
    readonly goals: ScopedGoals
    readonly threads: ScopedThreads
    readonly inbox: ScopedInbox
    readonly access: AccessPort
    readonly actors: ScopedActors
    readonly serving: ScopedServing
  }

/** Number of cached views; the oldest is dropped first. */
const MAX_CACHED_VIEWS = 256

/** Makes the view of each caller: the only place that checks owners. Requests with the same rights for the same owner share a view. */
export function createScopedRuntimes(runtime: ServedRuntime): (caller: Caller) => ScopedRuntime {
  const made = new Map<string, ScopedRuntime>()
  return (caller) => {
    const { owner, scopes, local } = caller
    const like = JSON.stringify([owner, scopes, local])
    const found = made.get(like)
    if (found) return found
    const view = scopedRuntime(runtime, { owner, scopes, local })
    if (made.size >= MAX_CACHED_VIEWS) made.delete(made.keys().next().value!)
    made.set(like, view)
    return view
  }
}

/** The view of one caller. */
export function scopedRuntime(runtime: ServedRuntime, caller: Caller): ScopedRuntime {
  const sight = sightOf(runtime, caller)
  const { ready, catalogue } = runtime
  return Object.assign(forAdmins(sight), {
    pipelines: scopedPipelines(sight),
    runs: scopedRuns(sight),
    tools: scopedTools(sight),
    goals: scopedGoals(sight),
    ...viewRooms(runtime, sight),
    threads: scopedThreads(sight),
    inbox: scopedInbox(sight),
    access: scopedAccess(sight),
    actors: scopedActors(sight),
    serving: scopedServing(sight),
    ...{ ready, catalogue },
  })
}

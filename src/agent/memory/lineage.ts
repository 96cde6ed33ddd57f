import { goalRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { peekRun } from '../../run/run.ts'
import type { GoalState } from '../protocol/state.ts'

/** The place of a goal or a run in the work that led to it. */
type Lineage = {
  /** the goal itself, or the nearest one above */
  readonly goal?: { readonly id: string; readonly agent: string }
  /** the conversation that the work belongs to */
  readonly conversation?: string
  /** when the first work above began, ms since the epoch; absent: nothing has begun yet */
  readonly begunAt?: number
}

/** The lineage of a goal or a run. Only work below other work has that work's id, a dot, and more as its id. */
export async function lineageOf(peek: (of: ActorRef) => Promise<Json | undefined>, id: string): Promise<Lineage> {
  let found: Lineage = {}
  for (let end = id.length; end > 0; end = id.lastIndexOf('.', end - 1)) {
    const above = id.slice(0, end)
    const goal = (await peek(goalRef(above))) as GoalState | undefined
    const { startedAt } = goal ?? (await peekRun({ peek }, above)) ?? {}
    const thread = goal?.parent && 'thread' in goal.parent ? goal.parent.thread : undefined
    found = {
      ...(goal && { goal: { id: above, agent: goal.agent } }),
      ...(thread !== undefined && { conversation: thread }),
      ...found,
      ...(startedAt !== undefined && { begunAt: Math.min(startedAt, found.begunAt ?? startedAt) }),
    }
  }
  return found
}

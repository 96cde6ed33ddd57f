import type { EngineView } from '../../engine/engine.ts'
import { idTakenError } from '../../engine/envelope.ts'
import { goalRef, KIND } from '../../house/actors.ts'
import { goalInRunId, rejectChildRunId, reservedIdError } from '../ids.ts'

type View = Pick<EngineView, 'asked' | 'peek' | 'list'>

/**
 * Throws an InvalidError for the id of new work that a run or a goal gives to its own children. `GOAL.3` is the run of
 * a round only if there is such a goal: `2026.11.25` and `v.1` are ids like any other.
 */
export async function rejectChildId(view: View, id: string): Promise<void> {
  rejectChildRunId(id)
  const { goal, round } = goalInRunId(id) ?? {}
  if (goal === undefined || !(await isGoal(view, goal))) return
  throw reservedIdError(id, `run of round ${round} of goal ${goal}`)
}

async function isGoal(view: View, id: string): Promise<boolean> {
  const { kind, key } = goalRef(id)
  const [asked, state] = await Promise.all([view.asked(id), view.peek({ kind, key })])
  return state !== undefined || (asked?.kind === kind && asked.key === key)
}

/** Throws an InvalidError for the id of a new goal if another run has an id of its children. */
export async function rejectParentId(view: View, id: string): Promise<void> {
  const below = await view.list(KIND.run, { prefix: `${id}.`, limit: MAX_LOOKED_AT })
  const taken = below.find(({ key }) => goalInRunId(key)?.goal === id)
  if (taken)
    throw idTakenError(`the id ${id} is taken: the run ${taken.key} has an id that this goal gives to its own runs`)
}

const MAX_LOOKED_AT = 100

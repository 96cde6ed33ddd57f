import { type EngineView, inspectOne } from '../../../engine/engine.ts'
import { idTakenError } from '../../../engine/envelope.ts'
import { goalRef } from '../../../house/actors.ts'
import { ownerOf } from '../../../lib/owner.ts'
import { hasBegun } from '../../../work/follow.ts'
import { findStartOf } from '../../protocol/messages.ts'
import { peekGoal } from '../../protocol/state.ts'
import { type namedFiles, sameFiles } from '../message-files.ts'

/** The goal that a caller asks for under an id. */
export type AskedGoal = {
  readonly id: string
  readonly owner: string
  /** absent: the name is in the definition */
  readonly agent: string | undefined
  readonly goal: string
  readonly stored: ReturnType<typeof namedFiles>['stored']
}

/** Whether a goal has begun under an id. InvalidError `id_taken` unless it has this owner, agent and text. */
export async function isSameBegun(view: EngineView, asked: AskedGoal): Promise<boolean> {
  const state = await peekGoal(view, asked.id)
  if (state && !(await isSame(view, asked))) throw idTakenError(`the id ${asked.id} is taken by another goal`)
  return state !== undefined
}

/** Whether a goal has this owner, agent and text, as far as it is still known. */
export async function isSame(view: EngineView, { id, owner, agent, goal, stored }: AskedGoal): Promise<boolean> {
  const state = await peekGoal(view, id)
  const start = state && (await findStartOf(id, view.parts))
  if (!start) return true
  return (
    ownerOf(state) === owner &&
    (agent ?? state.agent) === state.agent &&
    start.goal === goal &&
    sameFiles(start.files, stored)
  )
}

/** Checks that a goal whose caller chose the id is the caller's: of two that come at once, the actor took one. */
export async function checkTaken(view: EngineView, asked: AskedGoal): Promise<void> {
  const of = goalRef(asked.id)
  if (await hasBegun(view, of)) await isSameBegun(view, asked)
  else if (!(await inspectOne(view, of))) throw idTakenError(`the goal ${asked.id} has ended and is no longer kept`)
}

import { runRef } from '../../house/actors.ts'
import type { Effects, Send } from '../../kernel/types.ts'
import { runOfPlaybook, runOfRound } from '../../run/ids.ts'
import { type Round, roundPart } from '../protocol/rounds.ts'
import type { GoalState } from '../protocol/state.ts'
import type { GoalUndo } from '../protocol/stored-goal.ts'

/** The undo of a goal that has just failed: the newest round comes first. */
export const undoFrom = ({ rounds }: GoalState): GoalUndo => ({ next: rounds, undone: 0, failed: 0 })

/** A run whose steps are undone next, and where the undo goes on after it. */
type RunToUndo = { readonly run: string; readonly next: number }

/** The next run of a goal to undo, from the newest to the oldest; undefined: none is left. */
export async function nextToUndo(
  { followed, playbook = followed }: Pick<GoalState, 'followed' | 'playbook'>,
  { next }: GoalUndo,
  { self, part }: Pick<Effects, 'self' | 'part'>,
): Promise<RunToUndo | undefined> {
  for (let round = next; round > 0; round--) {
    const { calls = [], run } = ((await part(roundPart(round))) ?? {}) as Partial<Round>
    // the calls of another goal stay as they are
    if (run === undefined && calls.some(({ step }) => step !== undefined))
      return { run: runOfRound(self.key, round), next: round - 1 }
  }
  return next >= 0 && playbook !== undefined ? { run: runOfPlaybook(self.key), next: -1 } : undefined
}

/** Asks an ended run to undo its steps. It replies to the goal when all are undone. */
export function undoRun(run: string, { self }: Pick<Effects, 'self'>): Send {
  return { to: runRef(run), body: { type: 'undo', goal: self.key }, correlationId: run, replyTo: self }
}

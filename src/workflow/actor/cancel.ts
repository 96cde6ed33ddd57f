import type { Problem } from '../../errors.ts'
import type { WorkflowState } from '../replay/state.ts'
import { advance } from './advance.ts'
import { type TurnDraft, timeOf, type WorkflowTurn } from './draft.ts'
import { dropOpen } from './finish.ts'

/** How long a function may clean up after the cancellation of its run. */
const GRACE_MS = 60_000

/**
 * Cancels the function of a run: its waits are rejected with the problem, one at a time, in the order of their
 * operations. What it begins after that still works, for a minute.
 */
export async function cancelFunction(
  draft: TurnDraft,
  state: WorkflowState,
  problem: Problem,
  { undo }: { readonly undo?: true } = {},
): Promise<WorkflowTurn> {
  if (state.workflow.cancelled) return { state }
  const until = timeOf(draft.effects.message) + GRACE_MS
  const cancelled = { problem, until, ...(undo && { undo }) }
  const off = await dropOpen(draft, state)
  draft.timers.grace = { delay: GRACE_MS, body: { type: 'grace-over' } }
  const run: WorkflowState = { ...off, cleansUp: true, workflow: { ...off.workflow, cancelled } }
  return advance(draft, run, ({ open }) => open.map((number) => [number, problem]))
}

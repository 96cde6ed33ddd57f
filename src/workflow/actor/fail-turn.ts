import { problemOf } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import { checkOwnTurn } from '../../kernel/check.ts'
import { isInterruption } from '../../kernel/faults.ts'
import type { WorkflowState } from '../replay/state.ts'
import type { TurnDraft, WorkflowTurn } from './draft.ts'
import { endFunction } from './end-function.ts'
import { endNow } from './finish.ts'
import { openFunction } from './open-function.ts'

/**
 * Carries out what follows from ends that `draft` and `state` have. If that cannot be done, only the function fails:
 * the ends stay, and steps are undone if that is due.
 */
export async function orFailFunction<Next extends object>(
  draft: TurnDraft,
  state: WorkflowState,
  act: () => Promise<WorkflowTurn | Next>,
): Promise<WorkflowTurn | Next> {
  try {
    return checked(await act())
  } catch (error) {
    if (isInterruption(error)) throw error
    const failed = await draft.services.hide(problemOf(error))
    return checked(await endFailed(draft, { ...state, workflow: { ...state.workflow, failed } }))
  }
}

/** Ends a run whose function has failed outside of its code. Steps that must not be repeated end first. */
export async function endFailed(draft: TurnDraft, state: WorkflowState): Promise<WorkflowTurn> {
  const { live } = draft.services
  const { key } = draft.effects.self
  // the function is ahead of its history
  live.drop(key)
  const opened = await openFunction(draft, state)
  if ('execution' in opened) return endFunction(draft, state, opened)
  return endNow(draft, state, { status: 'failed', problem: state.workflow.failed! })
}

/** A turn over a limit of the kernel would take its message with it. */
function checked<Next extends object>(next: WorkflowTurn | Next): WorkflowTurn | Next {
  if (!('draft' in next)) checkOwnTurn(KIND.run, next as WorkflowTurn)
  return next
}

import { stepRef } from '../../house/actors.ts'
import type { EndedStep } from '../../pipeline/plan/step-outcome.ts'
import type { WorkflowOperation } from '../replay/operation.ts'
import type { WorkflowState } from '../replay/state.ts'
import { type TurnDraft, timeOf } from './draft.ts'
import { recordEnds } from './record-ends.ts'
import { timerOf, workOf } from './start-operations.ts'

/** Ends the open operations that the code no longer begins: their steps are cancelled, and their timers stop. */
export function dropOperations(
  draft: TurnDraft,
  state: WorkflowState,
  dropped: readonly WorkflowOperation[],
): WorkflowState {
  const { effects, cancel, timers } = draft
  const { key } = effects.self
  const at = timeOf(effects.message)
  const ends = new Map<string, EndedStep>()
  const sleeping: { [number: string]: number } = { ...state.workflow.sleeping }
  for (const { number, type, id } of dropped) {
    if (type === 'sleep') {
      timers[timerOf(number)] = null
      delete sleeping[number]
      continue
    }
    const order = state.done + state.failed
    ends.set(id, { status: 'skipped', reason: 'dropped by the code of today', attempts: 0, ms: 0, order, at })
    if (state.inFlight.includes(id)) cancel.push({ of: stepRef(key, id), correlationId: workOf(state, key) })
  }
  recordEnds(draft, ends)
  return {
    ...state,
    inFlight: state.inFlight.filter((id) => !ends.has(id)),
    workflow: { ...state.workflow, sleeping },
  }
}

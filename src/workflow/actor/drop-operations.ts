import { stepRef } from '../../house/actors.ts'
import type { EndedStep } from '../../pipeline/plan/step-outcome.ts'
import type { WorkflowOperation } from '../replay/operation.ts'
import { type WorkflowState, withInFlight, workOfStep } from '../replay/state.ts'
import { type TurnDraft, timeOf } from './draft.ts'
import { recordEnds } from './end-steps.ts'
import { timerOf } from './start-operations.ts'

/** Ends open operations that the function does not await: their steps are cancelled, and their timers stop. */
export function dropOperations(
  draft: TurnDraft,
  state: WorkflowState,
  dropped: readonly WorkflowOperation[],
  reason: string,
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
    ends.set(id, { status: 'skipped', reason, attempts: 0, ms: 0, order, at })
    if (state.inFlight.includes(id)) cancel.push({ of: stepRef(key, id), correlationId: workOfStep(key, id, state) })
  }
  recordEnds(draft, ends)
  const inFlight = state.inFlight.filter((id) => !ends.has(id))
  return withInFlight({ ...state, workflow: { ...state.workflow, sleeping } }, inFlight)
}

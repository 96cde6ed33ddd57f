import { present } from '../../lib/json/present.ts'
import { endedRun } from '../../run/actor/end-run.ts'
import { isFinished } from '../../run/run.ts'
import type { StepEnd, UndoProgress } from '../../step/messages/step-end.ts'
import { UNDO_STEP } from '../../step/messages/step-start.ts'
import { type EndedStep, hasEnded, OUTPUTS_STEP } from '../../step/record/outcome.ts'
import type { ValueRef } from '../../step/values.ts'
import { countEnded, type Draft, readStep, startStep, updateRun, writeStep } from './draft.ts'

/** Ends the run once nothing is in flight and nothing more will start. The outputs are rendered last. */
export function endRunWhenDone(draft: Draft): void {
  const { run, pipeline } = draft
  if (isFinished(run) || run.inFlight.length > 0) return
  if (run.problem)
    shouldCompensate(draft) ? startCompensation(draft) : endRun(draft, run.cancelRequested ? 'cancelled' : 'failed')
  else if (run.left === 0) pipeline.steps[OUTPUTS_STEP] ? startOutputs(draft) : endRun(draft, 'completed')
}

function shouldCompensate({ run, pipeline }: Draft): boolean {
  return run.compensation !== 'begun' && (pipeline.undo === true || run.compensation === 'due')
}

function startCompensation(draft: Draft): void {
  updateRun(draft, { inFlight: [UNDO_STEP], compensation: 'begun' })
  draft.undo = true
}

/** Records which steps were compensated and which could not be. The run ends after the last one. */
export function recordCompensation(draft: Draft, { steps, last }: UndoProgress): void {
  for (const { step, undone, problem } of steps) {
    const part = readStep(draft, step)
    if (hasEnded(part)) writeStep(draft, step, { ...part, undo: { undone, ...(problem && { problem }) } })
    draft.events.push({ type: 'step-undo', step, undone, ...(problem && { problem }) })
  }
  if (last) updateRun(draft, { inFlight: [] })
}

function startOutputs(draft: Draft): void {
  updateRun(draft, { inFlight: [OUTPUTS_STEP] })
  startStep(draft, { node: OUTPUTS_STEP, indices: [] })
}

const NO_OUTPUTS: { readonly result?: ValueRef; readonly warnings?: readonly string[] } = {}

/** Records the outputs and ends the run. */
export function endOutputs(draft: Draft, { type: _, step, standby: __, ...outcome }: StepEnd): void {
  const part: EndedStep = { ...outcome, order: countEnded(draft), at: draft.at }
  writeStep(draft, step, part)
  updateRun(draft, { inFlight: [], ...(part.degraded && { degraded: true }) })
  if (part.status === 'failed') updateRun(draft, { problem: { ...part.problem, step } })
  endRun(draft, part.status === 'failed' ? 'failed' : 'completed', part)
}

function endRun(draft: Draft, status: 'completed' | 'failed' | 'cancelled', rendered?: EndedStep): void {
  const { result: outputs, warnings } = rendered?.status === 'completed' ? rendered : NO_OUTPUTS
  const { state, event } = endedRun(
    draft.run,
    status,
    draft.at,
    present({ degraded: draft.run.degraded, outputs, warnings }),
  )
  updateRun(draft, state)
  draft.events.push(event)
}

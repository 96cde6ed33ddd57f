import type { Json } from '../../kernel/schema.ts'
import { OUTPUTS_NODE } from '../plan/compiled.ts'
import { stepPartName } from '../plan/instance.ts'
import type { StepEnd, UndoProgress } from '../plan/messages/step-end.ts'
import { UNDO_STEP } from '../plan/messages/step-start.ts'
import { isFinished } from '../plan/run-state.ts'
import type { StepPart } from '../plan/step-outcome.ts'
import { type Draft, readStep, startStep, updateRun, writeStep } from './draft.ts'

/** Ends the run once nothing is in flight and nothing more will start. The outputs are rendered last. */
export function endRunWhenDone(draft: Draft): void {
  const { run, pipeline } = draft
  if (isFinished(run) || run.flying.length > 0) return
  if (run.problem)
    shouldCompensate(draft) ? startCompensation(draft) : endRun(draft, run.calledOff ? 'cancelled' : 'failed')
  else if (run.left === 0) pipeline.steps[OUTPUTS_NODE] ? startOutputs(draft) : endRun(draft, 'completed')
}

function shouldCompensate({ run, pipeline }: Draft): boolean {
  return run.undoes !== 'done' && (pipeline.undo === true || run.undoes === true)
}

function startCompensation(draft: Draft): void {
  updateRun(draft, { flying: [UNDO_STEP], undoes: 'done' })
  draft.undo = true
}

/** Records which steps were compensated and which could not be. The run ends after the last one. */
export function recordCompensation(draft: Draft, { steps, last }: UndoProgress): void {
  for (const { step, undone, problem } of steps) {
    writeStep(draft, step, { ...readStep(draft, step)!, undone, ...(problem && { undoProblem: problem }) })
    draft.events.push({ type: 'step-undo', step, undone, ...(problem && { problem }) } as Json)
  }
  if (last) updateRun(draft, { flying: [] })
}

function startOutputs(draft: Draft): void {
  updateRun(draft, { flying: [OUTPUTS_NODE] })
  startStep(draft, { node: OUTPUTS_NODE, indices: [] })
}

/** Records the outputs and ends the run. */
export function endOutputs(draft: Draft, end: StepEnd): void {
  const { type: _, step, loop: __, ...part } = end
  writeStep(draft, step, part.status === 'skipped' ? part : { ...part, at: draft.at })
  const more = {
    ...(end.degraded && { degraded: true as const }),
    ...(end.problem && { problem: { ...end.problem, step } }),
  }
  updateRun(draft, { flying: [], ...more })
  endRun(draft, end.problem ? 'failed' : 'completed')
}

function endRun(draft: Draft, status: 'completed' | 'failed' | 'cancelled'): void {
  const { total, done, failed, problem, unhandled = 0, degraded } = draft.run
  const skipped = total - done - failed
  const { result: outputs, warnings } = (draft.changed[stepPartName(OUTPUTS_NODE)] ?? {}) as Partial<StepPart>
  updateRun(draft, { status, skipped, finishedAt: draft.at })
  const ending = {
    type: 'run-end',
    status,
    success: status === 'completed' && unhandled === 0,
    ...(degraded && { degraded }),
    ...(problem && { problem }),
    ...(outputs && { outputs }),
    ...(warnings && { warnings }),
  }
  draft.events.push({ ...ending, done, failed, skipped } as Json)
}

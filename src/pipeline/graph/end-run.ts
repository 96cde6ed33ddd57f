import type { Json } from '../../kernel/schema.ts'
import { OUTPUTS_NODE } from '../plan/compiled.ts'
import { stepPartName } from '../plan/instance.ts'
import type { StepEnd, UndoProgress } from '../plan/messages/step-end.ts'
import { UNDO_STEP } from '../plan/messages/step-start.ts'
import { isFinished } from '../plan/run-state.ts'
import type { StepPart } from '../plan/step-outcome.ts'
import { type Draft, launch, readStep, updateRun, writeStep } from './draft.ts'

/** Ends the run when nothing of it is in flight and nothing is left, or nothing more is to start; the outputs come last. */
export function settle(draft: Draft): void {
  const { run, pipeline } = draft
  if (isFinished(run) || run.flying.length > 0) return
  if (run.problem) wantsUndo(draft) ? startUndo(draft) : endRun(draft, run.calledOff ? 'cancelled' : 'failed')
  else if (run.left === 0) pipeline.steps[OUTPUTS_NODE] ? startOutputs(draft) : endRun(draft, 'completed')
}

function wantsUndo({ run, pipeline }: Draft): boolean {
  return run.undoes !== 'done' && (pipeline.undo === true || run.undoes === true)
}

function startUndo(draft: Draft): void {
  updateRun(draft, { flying: [UNDO_STEP], undoes: 'done' })
  draft.undo = true
}

/** Keeps what was undone and what could not be; after the last the run ends. */
export function takeUndone(draft: Draft, { steps, last }: UndoProgress): void {
  for (const { step, undone, problem } of steps) {
    writeStep(draft, step, { ...readStep(draft, step)!, undone, ...(problem && { undoProblem: problem }) })
    draft.events.push({ type: 'step-undo', step, undone, ...(problem && { problem }) } as Json)
  }
  if (last) updateRun(draft, { flying: [] })
}

function startOutputs(draft: Draft): void {
  updateRun(draft, { flying: [OUTPUTS_NODE] })
  launch(draft, { node: OUTPUTS_NODE, indices: [] })
}

/** The outputs are told, and with them the run is over. */
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

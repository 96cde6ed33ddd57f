import type { EngineView } from '../../engine/engine.ts'
import { findRunStart } from '../../run/run.ts'
import type { ValueStore } from '../../step/values.ts'
import type { RunOf } from '../check/history.ts'
import { type RecordedRun, recordedRun } from '../live/open-execution.ts'
import { peekWorkflow } from '../replay/state.ts'

/** Reads the history of a run, and the workflow that it is of. Undefined: there is no such run of a workflow. */
export async function readRecordedRun(
  view: EngineView,
  values: ValueStore,
  run: string,
): Promise<readonly [RunOf, RecordedRun] | undefined> {
  const state = await peekWorkflow(view, run)
  if (!state) return undefined
  const { of: workflow, version = 1, turns } = state.workflow
  const readParts: typeof view.parts = (of, page) => view.parts(of, page)
  const start = (await findRunStart(run, readParts))!
  const opened = { id: run, startedAt: state.startedAt, start, turns }
  return [{ workflow, version }, await recordedRun({ readParts, values }, opened)]
}

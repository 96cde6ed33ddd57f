import { CALLS } from '../../src/calls/language.ts'
import { callsExecutor } from '../../src/calls/room/executor.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { readRun as readAnyRun } from '../../src/run/room/report/read-run.ts'
import { peekRun } from '../../src/run/run.ts'
import type { ValueStore } from '../../src/step/values.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { readRun } from '../pipeline/read-run.ts'

/** The document of a run of calls, or of a pipeline. */
export async function readAny(view: Engine['view'], values: ValueStore, id: string) {
  const isOfCalls = (await peekRun(view, id))?.language === CALLS
  return isOfCalls ? readCalls(view, values, id) : readRun(view, values, id)
}

/** The document of a run of calls. */
export const readCalls = (view: Engine['view'], values: ValueStore, id: string) =>
  readAnyRun(view, values, id, callsExecutor(view, { values, toolbox: createToolbox([]) }).steps)

import { stepsOfPipelines } from '../../src/pipeline/report/run-steps.ts'
import type { RunDocument } from '../../src/run/document.ts'
import { type RunReader, readRun as readAnyRun } from '../../src/run/room/report/read-run.ts'
import type { ValueStore } from '../../src/step/values.ts'

/** The document of a run of a pipeline. */
export const readRun = (view: RunReader, values: ValueStore, id: string): Promise<RunDocument> =>
  readAnyRun(view, values, id, stepsOfPipelines(view, values))

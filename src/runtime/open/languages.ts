import { callsRuns } from '../../calls/room/run-language.ts'
import { type PipelineReading, pipelineRuns } from '../../pipeline/room/run-language.ts'
import type { PipelineServices } from '../../pipeline/step/context.ts'
import type { RunLanguage } from '../../run/room/executor.ts'
import { type WorkflowReading, workflowRuns } from '../../workflow/room/run-language.ts'

type Reading = WorkflowReading & PipelineReading

/** The languages of runs. A request goes to the first that accepts it, and the last one accepts each. */
export const LANGUAGES: readonly RunLanguage<PipelineServices & Reading['steps'], Reading>[] = [
  workflowRuns,
  callsRuns,
  pipelineRuns,
]

import type { LanguageReading, RunLanguage } from '../../run/room/executor.ts'
import { PIPELINE_WORK } from '../plan/messages/step-order.ts'
import { PIPELINE } from '../plan/run-state.ts'
import { pipelineLanguage } from '../run/language.ts'
import type { PipelineServices } from '../step/context.ts'
import { pipelineWork } from '../step/pipeline-work.ts'
import { pipelineState } from './executor.ts'
import type { openPipelineWork } from './open-work.ts'

/** The parts of a runtime that the executor of pipelines reads. */
export type PipelineReading = LanguageReading & { readonly pipelines: ReturnType<typeof openPipelineWork> }

/** Compiled YAML as a language of runs. */
export const pipelineRuns: RunLanguage<PipelineServices, PipelineReading> = {
  name: PIPELINE,
  turns: pipelineLanguage,
  works: (services) => ({ [PIPELINE_WORK]: pipelineWork(services) }),
  executor: ({ pipelines }) => pipelines.executor,
  before: { start: pipelineState },
}

import type { Actor } from '../../src/kernel/types.ts'
import { openPipelines } from '../../src/pipeline/pipeline.ts'
import { PIPELINE_WORK } from '../../src/pipeline/plan/messages/step-order.ts'
import { pipelineWork } from '../../src/pipeline/step/pipeline-work.ts'
import { runActor } from '../../src/run/actor/run-actor.ts'
import { openSteps } from '../../src/step/actor/open-steps.ts'

/** The actors that carry out pipelines: runs of this language alone, their steps, and what outlasts them. */
export function pipelineActors(services: Parameters<typeof openPipelines>[0]): Actor[] {
  const { language, actors } = openPipelines(services)
  const steps = openSteps(services, (all) => ({ [PIPELINE_WORK]: pipelineWork(all) }))
  return [runActor({ languages: [language] }), ...steps.actors, ...actors]
}

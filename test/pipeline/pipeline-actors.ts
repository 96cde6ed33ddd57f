import type { Actor } from '../../src/kernel/types.ts'
import { pipelineActors as lastingActors } from '../../src/pipeline/pipeline.ts'
import { pipelineRuns } from '../../src/pipeline/room/run-language.ts'
import type { PipelineServices } from '../../src/pipeline/step/context.ts'
import { runActor } from '../../src/run/actor/run-actor.ts'
import { openSteps } from '../../src/step/actor/open-steps.ts'

/** The actors that carry out pipelines: runs of this language alone, their steps, and what outlasts them. */
export function pipelineActors(services: PipelineServices): Actor[] {
  const { actors, quick } = openSteps(services, pipelineRuns.works)
  return [runActor({ languages: [pipelineRuns.turns(services, quick)] }), ...actors, ...lastingActors()]
}

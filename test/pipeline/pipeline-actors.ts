import { callsRuns } from '../../src/calls/room/run-language.ts'
import type { Actor } from '../../src/kernel/types.ts'
import { pipelineActors as lastingActors } from '../../src/pipeline/pipeline.ts'
import { pipelineRuns } from '../../src/pipeline/room/run-language.ts'
import type { PipelineServices } from '../../src/pipeline/step/context.ts'
import { runActor } from '../../src/run/actor/run-actor.ts'
import { openSteps } from '../../src/step/actor/open-steps.ts'

/** The actors that carry out pipelines: their runs and those of calls, their steps, and what outlasts them. */
export function pipelineActors(services: PipelineServices): Actor[] {
  const { actors, quick } = openSteps(services, (all) => ({ ...pipelineRuns.works(all), ...callsRuns.works(all) }))
  const languages = [pipelineRuns.turns(services, quick), callsRuns.turns(services, quick)]
  return [runActor({ languages }), ...actors, ...lastingActors()]
}

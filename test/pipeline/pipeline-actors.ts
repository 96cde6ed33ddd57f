import type { Actor } from '../../src/kernel/types.ts'
import { openPipelines } from '../../src/pipeline/pipeline.ts'
import { runActor } from '../../src/run/actor/run-actor.ts'

/** The actors that carry out pipelines: runs of this language alone, their steps, and what outlasts them. */
export function pipelineActors(services: Parameters<typeof openPipelines>[0]): Actor[] {
  const { language, actors } = openPipelines(services)
  return [runActor({ languages: [language] }), ...actors]
}

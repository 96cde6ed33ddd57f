/**
 * Pipelines: YAML becomes a checked graph, and each execution of the graph is a run. A run is an actor that decides
 * which steps start; a step is an actor that does the work. `plan/` is the shared vocabulary, `language/` compiles,
 * `graph/` decides, `run/` and `step/` are the actors, `tools/` are tools that need an actor or a person, and
 * `report/` shows a run.
 */

import type { Actor } from '../kernel/types.ts'
import { namedVersionsActor } from '../work/named-versions.ts'
import { notesActor } from './run/notes.ts'
import { type OtherRuns, runActor } from './run/run-actor.ts'
import { openStepServices } from './step/batch/latency.ts'
import { type QuickSteps, quickSteps } from './step/batch/quick-steps.ts'
import type { PipelineServices } from './step/context.ts'
import { onceActor } from './step/once/actor.ts'
import { stepActor } from './step/step-actor.ts'

/**
 * The kinds `run`, `step` and `once`, which carry out pipelines, and `notes` and `pipeline`, which outlast them.
 * `other`: the runs of another executor, which may run quick steps in
 * their own turns.
 */
export function pipelineActors(services: PipelineServices, other?: (quick: QuickSteps) => OtherRuns): Actor[] {
  const stepServices = openStepServices(services)
  return [
    runActor(services, other?.(quickSteps(stepServices))),
    stepActor(stepServices),
    onceActor(),
    notesActor(),
    namedVersionsActor('pipeline', 'pipeline'),
  ]
}

/**
 * Pipelines: YAML becomes a checked graph, and each execution of the graph is a run. `plan/` is the shared vocabulary,
 * `language/` compiles, `graph/` decides which steps start, `run/` makes turns of that, `step/` is the actor that does
 * the work, `tools/` are tools that need an actor or a person, and `report/` shows a run.
 */

import type { Actor } from '../kernel/types.ts'
import type { Language } from '../run/language.ts'
import { stepActor } from '../step/actor/step-actor.ts'
import { openStepTurns } from '../step/attempt/turns.ts'
import { type QuickSteps, quickSteps } from '../step/batch/quick-steps.ts'
import { onceActor } from '../step/call/once-actor.ts'
import { namedVersionsActor } from '../work/named-versions.ts'
import { PIPELINE_WORK } from './plan/messages/step-order.ts'
import { pipelineLanguage } from './run/language.ts'
import { notesActor } from './run/notes.ts'
import type { PipelineServices } from './step/context.ts'
import { pipelineWork } from './step/pipeline-work.ts'

/**
 * Pipelines as a language of runs, the kinds `step` and `once`, which carry them out, and `notes` and `pipeline`, which
 * outlast them. `quick` does quick steps in the turns of a run.
 */
export function openPipelines(services: PipelineServices): {
  readonly language: Language
  readonly actors: readonly Actor[]
  readonly quick: QuickSteps
} {
  const stepTurns = openStepTurns(services, (all) => ({ [PIPELINE_WORK]: pipelineWork(all) }))
  return {
    language: pipelineLanguage(services),
    actors: [stepActor(stepTurns), onceActor(), notesActor(), namedVersionsActor('pipeline', 'pipeline')],
    quick: quickSteps(stepTurns),
  }
}

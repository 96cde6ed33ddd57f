/**
 * Pipelines: YAML becomes a checked graph, and each execution of the graph is a run. `plan/` is the shared vocabulary,
 * `language/` compiles, `graph/` decides which steps start, `run/` makes turns of that, `step/` is the actor that does
 * the work, `tools/` are tools that need an actor or a person, and `report/` shows a run.
 */

import type { Actor } from '../kernel/types.ts'
import type { Language } from '../run/language.ts'
import { namedVersionsActor } from '../work/named-versions.ts'
import { pipelineLanguage } from './run/language.ts'
import { notesActor } from './run/notes.ts'
import type { PipelineServices } from './step/context.ts'

/** Pipelines as a language of runs, and the kinds `notes` and `pipeline`, which outlast them. */
export function openPipelines(services: PipelineServices): {
  readonly language: Language
  readonly actors: readonly Actor[]
} {
  return {
    language: pipelineLanguage(services),
    actors: [notesActor(), namedVersionsActor('pipeline', 'pipeline')],
  }
}

/**
 * Pipelines: YAML becomes a checked graph, and each execution of the graph is a run. `plan/` is the shared vocabulary,
 * `language/` compiles, `graph/` decides which steps start, `run/` makes turns of that, `step/` is the actor that does
 * the work, `tools/` are tools that need an actor or a person, and `report/` shows a run. `room/run-language.ts` opens
 * all of it as a language of runs.
 */

import type { Actor } from '../kernel/types.ts'
import { namedVersionsActor } from '../work/named-versions.ts'
import { notesActor } from './run/notes.ts'

/** The kinds `notes` and `pipeline`, which outlast the runs. */
export const pipelineActors = (): readonly Actor[] => [notesActor(), namedVersionsActor('pipeline', 'pipeline')]

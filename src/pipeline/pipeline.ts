import type { Actor } from '../kernel/types.ts'
import { notesActor } from './run/notes.ts'
import { pipelineStoreActor } from './run/pipeline-store.ts'
import { runActor } from './run/run-actor.ts'
import type { PipelineServices } from './step/context.ts'
import { stepActor } from './step/step-actor.ts'

/** The kinds `run` and `step`, which carry out pipelines, and `notes` and `pipeline`, which outlast them. */
export function pipelineActors(services: PipelineServices): Actor[] {
  return [runActor(services), stepActor(services), notesActor(), pipelineStoreActor()]
}

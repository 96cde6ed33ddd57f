import type { Json } from '../kernel/schema.ts'
import type { Actor } from '../kernel/types.ts'
import type { CompiledPipeline } from './plan/compiled.ts'
import type { Inputs } from './plan/inputs.ts'
import type { Origin, RunStart } from './plan/messages/run-start.ts'
import { storeRef, type Values } from './plan/refs.ts'
import { notesActor } from './run/notes.ts'
import { shelfActor } from './run/pipeline-store.ts'
import { runActor } from './run/run-actor.ts'
import type { PipelineServices } from './step/context.ts'
import { stepActor } from './step/step-actor.ts'

/** The kinds `run` and `step`, which carry out pipelines, and `notes` and `pipeline`, which outlast them. */
export function pipelineActors(services: PipelineServices): Actor[] {
  return [runActor(services), stepActor(services), notesActor(), shelfActor()]
}

/** The message that begins a run, once its pipeline and its checked inputs are stored. */
export async function startMessage(
  values: Values,
  pipeline: CompiledPipeline,
  inputs: Inputs,
  origin: Origin = {},
): Promise<RunStart> {
  return {
    type: 'start',
    pipeline: await values.put(pipeline as unknown as Json),
    name: pipeline.name,
    inputs: await storeRef(values, inputs),
    ...origin,
  }
}

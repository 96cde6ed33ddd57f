import type { Json } from '../kernel/schema.ts'
import type { Actor } from '../kernel/types.ts'
import type { Inputs } from './language/parse/inputs/given-inputs.ts'
import type { CompiledPipeline } from './plan/compiled.ts'
import type { RunStart } from './plan/messages/run.ts'
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

/** Whose run it is, where its pipeline came from, and which paths its starter opened to its tools. */
export type Origin = Omit<RunStart, 'type' | 'pipeline' | 'name' | 'inputs'>

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

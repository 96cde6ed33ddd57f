import type { Json } from '../kernel/schema.ts'
import type { Actor } from '../kernel/types.ts'
import type { CompiledPipeline } from './compiled.ts'
import type { Inputs } from './inputs.ts'
import type { RunStart } from './messages.ts'
import { notesActor } from './notes.ts'
import { runActor } from './run.ts'
import { shelfActor } from './shelf.ts'
import { stepActor } from './step.ts'
import { storeRef, type Values } from './values.ts'
import type { PipelineServices } from './work/job.ts'

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

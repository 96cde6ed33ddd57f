import type { RunOrigin } from '../../step/messages/run-origin.ts'
import { storeRef, type ValueStore } from '../../step/values.ts'
import type { CompiledPipeline } from '../plan/compiled.ts'
import type { Inputs } from '../plan/inputs.ts'
import type { RunStart } from '../plan/messages/run-start.ts'

/** The message that starts a run. Stores the pipeline and its checked inputs first. */
export async function runStartMessage(
  values: ValueStore,
  pipeline: CompiledPipeline,
  inputs: Inputs,
  origin: RunOrigin = {},
): Promise<RunStart> {
  return {
    type: 'start',
    pipeline: await values.put(pipeline),
    name: pipeline.name,
    inputs: await storeRef(values, inputs),
    ...origin,
  }
}

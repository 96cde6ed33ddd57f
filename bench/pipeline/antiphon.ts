import type { Runtime } from '../../src/runtime/ports.ts'
import { createIds } from '../engine/antiphon.ts'
import { openRuntime, runner, startOf } from '../engine/pipeline.ts'
import { subjectOf } from '../peers/peers.ts'
import type { OpenRuns } from './runs.ts'
import { doneIn, writeShape } from './shapes.ts'

let runtime: Promise<Runtime> | undefined
const nextId = createIds()

/** Runs of antiphon. `steps-process`: they survive the process only. `steps-one-by-one`: no steps share a turn. */
export const openRuns: OpenRuns = async (load, { name, folder }) => {
  const subject = subjectOf(name)
  runtime ??= openRuntime(
    folder,
    subject === 'steps-process' ? { durability: 'process' } : {},
    subject === 'steps-one-by-one' ? { batches: 'oneByOne' } : undefined,
  )
  const { engine } = await runtime
  const perform = runner(engine, await startOf(await runtime, await writeShape(folder, load)), nextId)
  const besides = doneIn(load) - load.steps
  return async (id) => (await perform(id)) - besides
}

import type { Runtime } from '../../src/runtime/ports.ts'
import { createIds } from '../engine/antiphon.ts'
import { openRuntime, runner, startOf } from '../engine/pipeline.ts'
import { subjectOf } from '../peers/peers.ts'
import type { OpenRuns } from './runs.ts'
import { doneIn, writeShape } from './shapes.ts'

let runtime: Promise<Runtime> | undefined
const nextId = createIds()

/** Our own runs; of the subject `steps-process` such that survive the process only. */
export const openRuns: OpenRuns = async (load, { name, folder }) => {
  runtime ??= openRuntime(folder, subjectOf(name) === 'steps-process' ? { durability: 'process' } : {})
  const { engine } = await runtime
  const perform = runner(engine, await startOf(await runtime, await writeShape(folder, load)), nextId)
  const besides = doneIn(load) - load.steps
  return async (id) => (await perform(id)) - besides
}

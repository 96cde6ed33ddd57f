import type { Json } from '../../src/kernel/schema.ts'
import type { Runtime } from '../../src/runtime/ports.ts'
import type { Figures, Task } from '../task.ts'
import { openRuntime, startOf, writePipeline } from './pipeline.ts'

const SHORT = 10
const LONG = 1000
const PASSES = 2

/** How much longer a step takes in a run of 1 000 steps, one after another, than in a run of ten. */
export async function measure({ folder }: Task): Promise<Figures> {
  const runtime = await openRuntime(folder)
  // the runs that these two make are the warm-up
  const short = await startOf(runtime, await writePipeline(folder, SHORT))
  const long = await startOf(runtime, await writePipeline(folder, LONG))
  const times = { short: 0, long: 0 }
  for (let pass = 0; pass < PASSES; pass++) {
    // as many steps as in a tenth of the long run
    for (let n = 0; n < LONG / SHORT / 4; n++) times.short += await timeRun(runtime, short, `short${pass}-${n}`)
    times.long += await timeRun(runtime, long, `long${pass}`)
  }
  await runtime.stop()
  const perShort = times.short / (PASSES * (LONG / 4))
  const perLong = times.long / (PASSES * LONG)
  return { ratio: perLong / perShort, short: perShort, long: perLong }
}

async function timeRun({ engine }: Runtime, start: Json, id: string): Promise<number> {
  const from = performance.now()
  const end = (await engine.ask({ kind: 'run', key: id }, start, { id })) as { readonly status: string }
  if (end.status !== 'completed') throw new Error(`run ${id} ended as ${end.status}`)
  return performance.now() - from
}

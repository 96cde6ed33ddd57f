import type { Json } from '../../src/kernel/schema.ts'
import { createIds } from '../engine/antiphon.ts'
import { openRuntime, runner, startOf, writePipeline } from '../engine/pipeline.ts'
import { drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'

const CALL: Json = {
  type: 'calls',
  calls: [{ tool: 'increment', parameters: { value: 0 } }],
  approve: 'none',
}

let operation: Promise<() => Promise<void>> | undefined

/** What one call as a run takes, and beside it a run of a pipeline of one step; in µs, one at a time. */
export async function measure(task: Task): Promise<Figures> {
  if (!operation) {
    operation = open(task)
    await drive(1, task.warmUp * 1000, await operation)
  }
  const { perSecond } = await drive(1, task.seconds * 1000, await operation)
  return { microseconds: 1e6 / perSecond }
}

async function open({ name, folder, id }: Task): Promise<() => Promise<void>> {
  const runtime = await openRuntime(folder)
  const start = name === 'call/run' ? CALL : await startOf(runtime, await writePipeline(folder, 1))
  const perform = runner(runtime.engine, start, createIds())
  let runs = 0
  return async () => {
    if ((await perform(`${id}-${runs++}`)) === 0) throw new Error('the call was not made')
  }
}

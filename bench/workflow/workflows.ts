import { join } from 'node:path'
import { z } from 'zod'
import { defineWorkflow } from '../../src/index.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { createRuntime, type Runtime } from '../../src/runtime/open/create-runtime.ts'
import { STEPS } from '../engine/actors.ts'
import { KEEP_ALL, partsOfStart } from '../engine/pipeline.ts'

/** When each step of the long run was called, by its number. */
export const times: number[] = []
export const long = defineWorkflow({
  name: 'long',
  input: z.object({ steps: z.number() }),
  async run(ctx, { steps }) {
    for (let n = 0; n < steps; n++) await ctx.step('one', () => void times.push(performance.now()))
    await ctx.signal('never')
  },
})
const ten = defineWorkflow({
  name: 'ten',
  input: z.object({}),
  async run(ctx) {
    let value = 0
    for (let n = 0; n < STEPS.run; n++) value = await ctx.step('add', () => value + 1)
    return value
  },
})
const sleeper = defineWorkflow({
  name: 'sleeper',
  input: z.object({ until: z.number() }),
  run: (ctx, { until }) => ctx.sleepUntil(until),
})

/** A runtime with the workflows that are measured. */
export const openWorkflows = (folder: string) =>
  createRuntime(
    {
      ...{
        folder,
        data: join(folder, 'data'),
        providers: {},
        plugins: [],
        embedder: 'none' as const,
        roots: [folder],
        environment: {},
      },
      ...{ pool: { workers: 1000, queue: 1000 }, retention: KEEP_ALL },
    },
    { workflows: [long, ten, sleeper] },
  )

/** The request for a run of ten steps. */
export const TEN = { workflow: 'ten', input: {} } as const

/** The message that starts a run of ten steps, as the runtime itself sent it for a first one. */
export async function startOfTen(runtime: Runtime): Promise<Json> {
  const { id } = await runtime.runs.start(TEN)
  await runtime.idle()
  const { pipeline, name, start } = await partsOfStart(runtime.engine, id)
  return { type: 'workflow', workflow: name, pipeline, inputs: start.inputs!, nonce: start.nonce! }
}

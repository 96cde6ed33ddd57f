import { Hono } from 'hono'
import { z } from 'zod'
import type { Runtime } from '../../runtime.ts'
import { readBody } from '../body.ts'
import { absolutePath, inputsOf } from './runs.ts'

const validation = z.strictObject({
  file: absolutePath,
  inputs: inputsOf,
  strict: z.boolean().exactOptional(),
})

/** Pipelines as such: what the compiler says of a file, and what a run of it would do. */
export function pipelineRoutes(runtime: Runtime): Hono {
  return new Hono()
    .post('/validate', async (context) => {
      const { file, ...options } = await readBody(context, validation)
      return context.json(await runtime.validate(file, options))
    })
    .post('/plan', async (context) => {
      const { file, ...options } = await readBody(context, validation)
      return context.json(await runtime.plan(file, options))
    })
}

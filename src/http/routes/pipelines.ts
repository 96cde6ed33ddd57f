import { Hono } from 'hono'
import { z } from 'zod'
import type { Runtime } from '../../runtime.ts'
import { readBody } from '../body.ts'
import { absolutePath } from './runs.ts'

const validation = z.strictObject({ file: absolutePath })

/** Pipelines as such: what the compiler says of a file. */
export function pipelineRoutes(runtime: Runtime): Hono {
  return new Hono().post('/validate', async (context) =>
    context.json(await runtime.validate((await readBody(context, validation)).file)),
  )
}

import { Hono } from 'hono'
import { z } from 'zod'
import type { Runtime } from '../../runtime.ts'
import { readBody } from '../body.ts'

const request = z.strictObject({ dryRun: z.boolean().exactOptional() })

/** What was over long ago goes, or is only counted. */
export function gcRoutes(runtime: Runtime): Hono {
  return new Hono().post('/', async (context) =>
    context.json(await runtime.gc({ ...(await readBody(context, request)), signal: context.req.raw.signal })),
  )
}

import { Hono } from 'hono'
import { z } from 'zod'
import type { Runtime } from '../../runtime.ts'
import { readBody } from '../body.ts'

const request = z.strictObject({ wait: z.int().min(0).max(86_400_000) })

/** Another process is to have the data folder: this one lets its turns end, and then its folder go. */
export function handOverRoutes(runtime: Runtime): Hono {
  return new Hono().post('/', async (context) => {
    const { wait } = await readBody(context, request)
    await runtime.handOver(wait, context.req.raw.signal)
    return context.json({})
  })
}

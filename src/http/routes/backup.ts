import { Hono } from 'hono'
import { z } from 'zod'
import type { Runtime } from '../../runtime.ts'
import { readBody } from '../body.ts'
import { absolutePath } from './runs.ts'

const request = z.strictObject({ file: absolutePath, force: z.boolean().exactOptional() })

/** A backup of the whole data folder, written by the process that owns it. */
export function backupRoutes(runtime: Runtime): Hono {
  return new Hono().post('/', async (context) => {
    const { file, ...options } = await readBody(context, request)
    return context.json(await runtime.backup(file, { ...options, signal: context.req.raw.signal }))
  })
}

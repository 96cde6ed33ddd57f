import { z } from 'zod'
import type { JsonObject } from '../../kernel/json.ts'
import { json, maybe, type Plain, time } from './basic.ts'

const map = z.record(z.string(), json) as z.ZodType<JsonObject>

/** An environment as lists show it. */
export const environmentSummary = z
  .object({ name: z.string(), owner: z.string(), version: z.number(), updatedAt: time })
  .meta({ id: 'EnvironmentSummary' })

/** An environment with its state, the facts of its keys and its snapshots. */
export const environmentDocument = z
  .object({
    ...environmentSummary.shape,
    state: map,
    keys: z.record(
      z.string(),
      z.object({
        version: z.number().meta({ description: 'the version that wrote the key' }),
        updatedAt: time,
        source: z.string(),
        expiresAt: maybe(time),
      }),
    ),
    snapshots: z.array(z.object({ version: z.number(), at: time })).meta({ description: 'the oldest first' }),
  })
  .meta({ id: 'Environment' })

/** The answer to an update, a snapshot or a restore. */
export const environmentVersion = z
  .object({ version: z.number(), applied: maybe(z.array(z.string())).meta({ description: 'the keys of the patch' }) })
  .meta({ id: 'EnvironmentVersion' })

const check = z.object({
  name: z.enum(['event-loop', 'heap', 'files', 'disk']),
  status: z.enum(['ok', 'degraded']),
  value: z.number().meta({ description: 'ms for `event-loop`, else percent; `disk` is what is free' }),
  limit: z.number(),
})

/** The health of the process. */
export const healthDocument = z
  .object({
    status: z.enum(['ok', 'degraded']).meta({ description: '`degraded` when a check has crossed its limit' }),
    checks: z.array(check),
    since: time.meta({ description: 'when it was first seen with this status' }),
  })
  .meta({ id: 'Health' })

export type EnvironmentSummary = Plain<typeof environmentSummary>
/** An environment: its state, the facts of its keys, and the versions that snapshots hold. */
export type EnvironmentDocument = Plain<typeof environmentDocument>
export type EnvironmentVersion = Plain<typeof environmentVersion>

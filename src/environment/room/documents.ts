import { z } from 'zod'
import { json, maybe, type Plain, time } from '../../document.ts'
import type { JsonObject } from '../../kernel/json.ts'

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
    counts: z
      .object({ updates: z.number(), expiries: z.number(), restores: z.number(), snapshots: z.number() })
      .meta({ description: 'how often each has happened' }),
  })
  .meta({ id: 'Environment' })

const range = z.object({ from: z.number(), to: z.number() })

/** The changes of an environment between two times. */
export const environmentHistory = z
  .object({
    changes: z
      .array(
        z.object({
          type: z.enum(['update', 'expiry', 'restore']),
          version: z.number(),
          at: time,
          source: z.string(),
          patch: maybe(map).meta({ description: 'absent when it is longer than an update may be' }),
          restored: maybe(z.number()).meta({ description: 'the version that a restore brought back' }),
        }),
      )
      .meta({ description: 'the oldest first' }),
    next: maybe(z.number()).meta({ description: 'present if there are more changes: continue after this version' }),
    lost: maybe(range).meta({ description: 'versions that may belong to that time and are no longer kept' }),
  })
  .meta({ id: 'EnvironmentHistory' })

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
export type EnvironmentHistory = Plain<typeof environmentHistory>
export type EnvironmentVersion = Plain<typeof environmentVersion>

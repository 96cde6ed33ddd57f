import { z } from 'zod'
import type { Collected, RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import type { Backup } from '../../store/backup.ts'
import type { PoolStats } from '../../worker/pool/pool.ts'
import { maybe, problem, time } from './basic.ts'
import { cacheCounts } from './cache.ts'

export const poolCounts = {
  id: z.string(),
  workers: z.number(),
  running: z.number(),
  queued: z.number(),
  done: z.number(),
  failed: z.number(),
}

const poolStats: z.ZodType<PoolStats> = z.object(poolCounts).meta({ id: 'Pool' })

/** The status of the process. */
export const status: z.ZodType<RuntimeStatus> = z
  .object({
    pid: z.number(),
    startedAt: time,
    data: z.string(),
    model: z.object({ id: z.string(), offline: z.boolean(), why: z.string() }),
    engine: maybe(
      z.object({
        turns: z.number(),
        commits: z.number(),
        flushes: z.number(),
        bytes: z.number(),
        residents: z.number(),
        waiting: z.number(),
        dropped: z.number(),
        late: z.number(),
      }),
    ),
    restate: maybe(
      z.object({
        version: z.string(),
        admin: z.array(z.string()),
        ingress: z.array(z.string()),
        namespace: z.string(),
        redis: maybe(z.object({ url: z.string(), problem: maybe(z.string()) })),
      }),
    ),
    pools: z.array(poolStats),
    cache: maybe(cacheCounts),
    retention: maybe(problem),
    loss: maybe(problem),
    active: z.array(z.string()),
  })
  .meta({ id: 'Status' })

export const backup: z.ZodType<Backup> = z
  .object({
    file: z.string(),
    bytes: z.number(),
    format: z.number(),
    at: time,
    blobs: z.number(),
    tables: z.record(z.string(), z.object({ rows: z.number(), hash: z.string() })),
    damaged: z.array(z.string()),
    rows: z.array(z.string()).optional(),
  })
  .meta({ id: 'Backup' })

/** The items that retention deleted. */
export const collected: z.ZodType<Collected> = z
  .object({
    dryRun: z.boolean(),
    items: z.array(
      z.object({
        what: z.enum(['run', 'thread', 'dead letter', 'audit', 'blob', 'draft']),
        why: z.string(),
        count: z.number(),
        bytes: z.number(),
        ids: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'Collected' })

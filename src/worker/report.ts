import { z } from 'zod'
import { cachedFields, maybe, type Named, type Plain, time } from '../document.ts'
import { PRIORITIES } from '../lib/priority.ts'

const ms = (description: string) => z.number().meta({ description: `${description}, ms` })
const times = z.object({ p50: ms('median'), p95: ms('95th percentile') })

const counts = {
  id: z.string(),
  workers: z.number(),
  running: z.number(),
  queued: z.number(),
  done: z.number(),
  failed: z.number(),
}

export const poolStats = z.object(counts).meta({ id: 'Pool' })

/** Counts of one pool. `workers` is the number of concurrent tasks; `done` and `failed` count since its creation. */
export type PoolStats = Plain<typeof poolStats>

const workerFields = {
  id: z.string(),
  kind: z.enum(['inline', 'model', 'thread', 'process']),
  slots: z.number(),
  running: z.number(),
  done: z.number(),
  failed: z.number(),
  /** the number of its deaths during a task */
  lost: z.number().meta({ description: 'times it died while running a task' }),
  breaker: z.enum(['closed', 'open', 'half-open']).meta({ description: 'open: it failed too often and gets no tasks' }),
  leaving: z.boolean(),
  /** the recent mean duration of its tasks in ms; absent: no task yet */
  latency: maybe(ms('recent duration of a task')),
}
/** @public */
export interface WorkerFields extends Named<typeof workerFields> {}

const worker: z.ZodObject<WorkerFields> = z.object(workerFields)

export type WorkerStats = Plain<typeof worker>

const usage = {
  tokens: z
    .object({ input: z.number(), output: z.number(), ...cachedFields })
    .meta({ description: 'tokens of model calls' }),
  cost: z.number().meta({ description: 'cost in dollars, where prices are known' }),
}

/** The total usage of model calls: tokens, and dollars where prices are known. */
export type TotalUsage = Plain<z.ZodObject<typeof usage>>

const activity = {
  /** the busy share of the pool, 0..1 */
  utilisation: z.number().meta({ description: 'share of busy slots, 0 to 1' }),
  /** how long the oldest waiting task has waited; 0 when none waits */
  oldest: ms('wait of the oldest queued task'),
  wait: times,
  run: times,
  /** restarted because a worker died */
  retried: z.number().meta({ description: 'tasks restarted because a worker died' }),
  /** tasks that ended after their deadline */
  late: z.number().meta({ description: 'tasks that ended after their deadline' }),
  /** attempts that began, by the priority of their task */
  begun: maybe(z.record(z.enum(PRIORITIES), z.number())).meta({ description: 'attempts that began, by priority' }),
  /** substitutes for tasks that failed elsewhere */
  fallbacks: z.number().meta({ description: 'tasks taken over from a model that failed' }),
}

/** The status of a pool. Times are recent, in ms. */
export type PoolReport = PoolStats & Plain<z.ZodObject<typeof activity>> & { readonly each: readonly WorkerStats[] }

const scaleDecision = z.object({ at: time, from: z.number(), to: z.number(), why: z.string() })

/** A change of size, and the reason. */
export type ScaleDecision = Plain<typeof scaleDecision>

const poolFields = {
  ...counts,
  min: z.number(),
  max: z.number(),
  ...activity,
  ...usage,
  /** workers, with the usage of each model */
  each: z.array(
    z.object({ ...workerFields, tokens: maybe(usage.tokens), cost: maybe(usage.cost) }).meta({ id: 'PoolWorker' }),
  ),
  /** changes of its size, and the last one */
  resized: z.number().meta({ description: 'number of size changes' }),
  last: maybe(scaleDecision),
}
export interface PoolFields extends Named<typeof poolFields> {}

const poolDocument: z.ZodObject<PoolFields> = z.object(poolFields).meta({ id: 'PoolReport' })

/** The state of a pool, with times in ms. `last` is the last change of its size; its `at` is in ms since the epoch. */
export type PoolDocument = Plain<typeof poolDocument>

const resource = z
  .object({
    id: z.string(),
    slots: maybe(z.number()),
    perMinute: maybe(z.number()),
    taken: z.number(),
    held: ms('pause that a provider asked for'),
    next: maybe(ms('time until `perMinute` allows the next call')),
  })
  .meta({ id: 'Resource' })

/** The state of a resource; `held`: ms for which it is on hold; `next`: ms until its rate allows another start. */
export type ResourceStats = Plain<typeof resource>

export const poolsDocument = z
  .object({ items: z.array(poolDocument), resources: z.array(resource) })
  .meta({ id: 'Pools' })

/** The pools of a runtime, and their shared resources. */
export type PoolsDocument = Plain<typeof poolsDocument>

import { z } from 'zod'
import type { ResourceStats } from '../../worker/resources.ts'
import type { ScaleDecision } from '../../worker/scaling/autoscale.ts'
import type { WorkPoolReport } from '../../worker/work-pool.ts'
import { maybe, schemaOf, time } from './basic.ts'
import { poolCounts } from './system.ts'

const ms = (description: string) => z.number().meta({ description: `${description}, ms` })
const times = z.object({ p50: ms('median'), p95: ms('95th percentile') })

const took = {
  tokens: z.object({ input: z.number(), output: z.number() }).meta({ description: 'tokens of model calls' }),
  cost: z.number().meta({ description: 'cost in dollars, where prices are known' }),
}

const poolWorker = z
  .object({
    id: z.string(),
    kind: z.enum(['inline', 'model', 'thread', 'process']),
    slots: z.number(),
    running: z.number(),
    done: z.number(),
    failed: z.number(),
    lost: z.number().meta({ description: 'times it died while running a task' }),
    breaker: z
      .enum(['closed', 'open', 'half-open'])
      .meta({ description: 'open: it failed too often and gets no tasks' }),
    leaving: z.boolean(),
    latency: maybe(ms('recent duration of a task')),
    tokens: maybe(took.tokens),
    cost: maybe(took.cost),
  })
  .meta({ id: 'PoolWorker' })

const pool = schemaOf<PoolDocument>()(
  z
    .object({
      ...poolCounts,
      min: z.number(),
      max: z.number(),
      utilisation: z.number().meta({ description: 'share of busy slots, 0 to 1' }),
      oldest: ms('wait of the oldest queued task'),
      wait: times,
      run: times,
      retried: z.number().meta({ description: 'tasks restarted because a worker died' }),
      late: z.number().meta({ description: 'tasks that ended after their deadline' }),
      fallbacks: z.number().meta({ description: 'tasks taken over from a model that failed' }),
      ...took,
      each: z.array(poolWorker),
      turnedAway: z.number().meta({ description: 'tasks recently rejected because the queue was full; they retry' }),
      resized: z.number().meta({ description: 'number of size changes' }),
      last: maybe(z.object({ at: time, from: z.number(), to: z.number(), why: z.string() })),
    })
    .meta({ id: 'PoolReport' }),
)

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

export const poolsDocument = schemaOf<PoolsDocument>()(
  z.object({ items: z.array(pool), resources: z.array(resource) }).meta({ id: 'Pools' }),
)

/** The state of a pool, with times in ms. `last` is the last change of its size; its `at` is in ms since the epoch. */
export type PoolDocument = Omit<WorkPoolReport, 'last'> & { readonly last?: ScaleDecision }

/** The pools of a runtime, and their shared resources. */
export type PoolsDocument = { readonly items: readonly PoolDocument[]; readonly resources: readonly ResourceStats[] }

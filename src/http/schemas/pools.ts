import { z } from 'zod'
import type { PoolDocument, PoolsDocument } from '../../runtime/ports/maintenance.ts'
import { maybe, time } from './basic.ts'
import { poolCounts } from './system.ts'

const ms = (description: string) => z.number().meta({ description: `${description}, ms` })
const times = z.object({ p50: ms('half of them take less'), p95: ms('all but a twentieth take less') })

const took = {
  tokens: z.object({ input: z.number(), output: z.number() }).meta({ description: 'of calls of models' }),
  cost: z.number().meta({ description: 'dollars for these, where prices are known' }),
}

const poolWorker = z
  .object({
    id: z.string(),
    kind: z.enum(['inline', 'model', 'thread', 'process']),
    slots: z.number(),
    running: z.number(),
    done: z.number(),
    failed: z.number(),
    lost: z.number().meta({ description: 'how often it died under a task' }),
    breaker: z
      .enum(['closed', 'open', 'half-open'])
      .meta({ description: 'open: it has failed too often, and is left alone' }),
    leaving: z.boolean(),
    latency: maybe(ms('what a task takes of late')),
    tokens: maybe(took.tokens),
    cost: maybe(took.cost),
  })
  .meta({ id: 'PoolWorker' })

const pool: z.ZodType<PoolDocument> = z
  .object({
    ...poolCounts,
    min: z.number(),
    max: z.number(),
    utilisation: z.number().meta({ description: 'how much of it is at work, 0..1' }),
    oldest: ms('how long who waits has waited at most'),
    wait: times,
    run: times,
    retried: z.number().meta({ description: 'begun once more because a worker died' }),
    late: z.number().meta({ description: 'ended after their time was over' }),
    fallbacks: z.number().meta({ description: 'done for a model that gave no answer' }),
    ...took,
    each: z.array(poolWorker),
    turnedAway: z.number().meta({ description: 'of late found no place, do not wait in the queue, and come again' }),
    resized: z.number().meta({ description: 'changes of its size' }),
    last: maybe(z.object({ at: time, from: z.number(), to: z.number(), why: z.string() })),
  })
  .meta({ id: 'PoolReport' })

const resource = z
  .object({
    id: z.string(),
    slots: maybe(z.number()),
    perMinute: maybe(z.number()),
    taken: z.number(),
    held: ms('for which nobody takes of it, as a provider has asked'),
  })
  .meta({ id: 'Resource' })

/** The pools, and what they share. */
export const poolsDocument: z.ZodType<PoolsDocument> = z
  .object({ items: z.array(pool), resources: z.array(resource) })
  .meta({ id: 'Pools' })

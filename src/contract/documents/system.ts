import { z } from 'zod'
import { programCode } from '../../agent/room/agents/documents.ts'
import { maybe, type Plain, problem, time } from '../../document.ts'
import { KEY_SCOPES } from '../../house/scope.ts'
import { cacheCounts } from '../../store/cache/report.ts'
import { poolStats } from '../../worker/report.ts'
import { workRef } from './actor.ts'

const restate = z.object({
  version: z.string(),
  admin: z.array(z.string()),
  ingress: z.array(z.string()),
  namespace: z.string().meta({ description: 'prefix of the services of this application' }),
  redis: maybe(z.object({ url: z.string(), problem: maybe(z.string()) })).meta({
    description: 'carries volatile events between nodes',
  }),
})

/** A Restate server or cluster: its admin and ingress addresses, and the prefix of this application's services. */
export type RestateStatus = Plain<typeof restate>

const counts = z.record(z.string(), z.number())

/** The caller of a request, as itself sees it. */
export const callerDocument = z.object({
  owner: z.string().meta({ description: 'whose work it sees; of staff `*NAME`' }),
  scopes: z.array(z.enum(KEY_SCOPES)),
  mounted: z
    .boolean()
    .meta({ description: 'comes through a handler of a program, which has only the routes for owners' }),
  agents: maybe(z.array(z.string())).meta({ description: 'the agents that a visitor of a program may talk with' }),
})

/** The rights of the caller of a request. */
export type CallerRights = Plain<typeof callerDocument>

/** The status of the process. */
export const status = z
  .object({
    pid: z.number(),
    use: maybe(
      z.object({
        cpu: z.number().meta({ description: 'seconds of CPU since its start' }),
        memory: z.number().meta({ description: 'resident bytes' }),
        group: maybe(z.number()).meta({
          description: 'bytes of its control group, with the processes of its calls; absent: not known',
        }),
      }),
    ),
    version: maybe(z.string()).meta({ description: 'of antiphon' }),
    startedAt: time,
    data: z.string(),
    model: z.object({ id: z.string(), offline: z.boolean(), why: z.string() }),
    engine: maybe(
      z.object({
        turns: z.number(),
        commits: z.number(),
        flushes: z.number(),
        bytes: z.number().meta({ description: 'written to the log and to the tables' }),
        residents: z.number().meta({ description: 'actors in memory' }),
        waiting: z.number().meta({ description: 'messages that wait for an actor' }),
        cutOff: z.number().meta({ description: 'at-most-once calls that the end of an earlier process cut off' }),
        dropped: z.number().meta({ description: 'answers, errors and timers for actors that are gone' }),
        late: z.number().meta({ description: 'effects that ended after their turn' }),
      }),
    ),
    restate: maybe(restate).meta({ description: 'only on Restate' }),
    pools: z.array(poolStats),
    /** absent until a reply is cached */
    cache: maybe(cacheCounts),
    program: maybe(programCode),
    /** why the last retention failed */
    retention: maybe(problem),
    /** acknowledged work that is missing, if the folder was opened without it */
    loss: maybe(problem),
    /** the copy in an object store: ms since the oldest change that it lacks, and when it was whole last */
    replica: maybe(z.object({ target: z.string(), behind: z.number(), at: maybe(time), problem: maybe(problem) })),
    notices: maybe(z.object({ pending: z.number(), failed: z.number() })).meta({
      description:
        'messages that receivers under `notify:` have not taken yet or that were given up; absent: no receiver',
    }),
    memory: maybe(
      z.object({
        calls: counts.meta({ description: 'calls of memories, by operation' }),
        work: z.record(z.string(), counts).meta({ description: 'what memories did by themselves, by duty' }),
        failed: counts.meta({ description: 'runs of duties that failed, by duty' }),
        redis: maybe(z.object({ state: z.enum(['ready', 'degraded']), since: time, error: maybe(z.string()) })).meta({
          description: 'the copies of memories on Redis; absent: none are configured',
        }),
      }),
    ).meta({ description: 'absent until a memory is used' }),
    active: z.array(workRef).meta({ description: 'what this process works on' }),
  })
  .meta({ id: 'Status' })

/** The status of this process: counts since it started, times in ms. */
export type RuntimeStatus = Plain<typeof status>

const collectedItems = z.object({
  what: z.enum(['run', 'goal', 'thread', 'dead letter', 'audit', 'operation', 'file', 'blob', 'draft']),
  why: z.string(),
  count: z.number(),
  bytes: z.number(),
  ids: z.array(z.string()),
})

/** Items of one kind that are removed for one reason; `ids` are the first of them. */
export type Items = Plain<typeof collectedItems>

/** The items that retention deleted. */
export const collected = z
  .object({
    dryRun: z.boolean(),
    items: z.array(collectedItems),
  })
  .meta({ id: 'Collected' })

/** The items that retention deleted, or would with `dryRun`. Bytes are of data; the database file reuses the space. */
export type Collected = Plain<typeof collected>

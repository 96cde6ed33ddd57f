import { z } from 'zod'
import { json, maybe } from '../document.ts'
import { absolutePath } from '../house/common-fields.ts'
import { describe, events } from '../house/describe.ts'
import { KEY_SCOPES } from '../house/scope.ts'
import { PROMETHEUS_TYPE } from '../observe/metrics/prometheus.ts'
import { backup } from '../store/backup/document.ts'
import { cacheReport } from '../store/cache/report.ts'
import { cacheDrop, cacheDropped } from './documents/cache.ts'
import { callerDocument, collected, status } from './documents/system.ts'
import { OPERATIONS } from './operations.ts'

/** Whether the process owns the data folder, or forwards requests to the process that does. */
const role = z.enum(['owner', 'standby'])

/** The process and its data folder: health, status, metrics, presence, backup, garbage collection, handover. */
export const SYSTEM = describe(OPERATIONS, {
  health: {
    scope: null,
    unlimited: true,
    summary: 'Check that the process answers',
    answer: { about: 'it answers', schema: z.object({ status: z.literal('ok'), role }) },
  },
  ready: {
    scope: null,
    unlimited: true,
    summary: 'Check that the process accepts work; fails during shutdown and if the disk accepts no writes',
    answer: { about: 'it accepts work', schema: z.object({ status: z.literal('ready'), role }) },
    errors: ['busy', 'storage'],
  },
  openApi: {
    scope: null,
    summary: 'Get this API as an OpenAPI 3.1 document',
    answer: { about: 'the document', schema: z.record(z.string(), json) },
  },
  caller: {
    scope: KEY_SCOPES,
    summary: 'Show what the caller may do',
    answer: { about: 'its scopes', schema: callerDocument },
  },
  status: {
    scope: 'admin',
    summary: 'Show the status of this process',
    answer: { about: 'counts and pools', schema: status },
  },
  feed: {
    scope: ['talk', 'read'],
    summary: 'Follow what changes: one stream for several lists and runs',
    description:
      'Each event names a topic that has changed, `{ topic }`; for a run also `n`, the number of its newest event. The values are not sent: read them again. The stream begins with each topic once, and names a topic at most four times a second. For a visitor of a handler it ends after a minute: ask again, and the login of the program is asked, too. Without the scope `read` the only topic is `threads`.',
    query: z.object({
      topics: z
        .string()
        .regex(/^[^,]+(,[^,]+){0,31}$/)
        .max(8000)
        .meta({
          description:
            'up to 32, with commas between: `runs`, `inbox`, `threads`, `run/ID`, or `run/ID:N` after event N',
        }),
    }),
    answer: events('a topic that has changed'),
    errors: ['not_found'],
  },
  'inspector.metrics': {
    scope: 'admin',
    summary: 'Get the metrics of this process in Prometheus format',
    answer: { about: 'the metrics', type: PROMETHEUS_TYPE },
  },
  attend: {
    scope: 'admin',
    local: true,
    summary: 'Keep the process alive: it does not stop while a client reads this stream',
    query: z.object({
      hold: maybe(z.enum(['true', 'false'])).meta({
        description: '`false`: the stream does not keep the process alive; when it ends, the process ends',
      }),
    }),
    answer: events('one event with the status; the stream ends with the process'),
  },
  'maintenance.backup': {
    scope: 'admin',
    local: true,
    summary: 'Back up all acknowledged data into one file',
    body: z.strictObject({ file: absolutePath, force: maybe(z.boolean()) }),
    answer: { about: 'the contents of the file', schema: backup },
    errors: ['storage'],
  },
  'maintenance.gc': {
    scope: 'admin',
    summary: 'Delete data that ended long ago, or list it with a dry run',
    body: z.strictObject({ dryRun: maybe(z.boolean()) }),
    answer: { about: 'the deleted items', schema: collected },
  },
  handOver: {
    scope: 'admin',
    local: true,
    summary: 'Finish running turns, then hand the data folder over to another process',
    body: z.strictObject({ wait: z.int().min(0).max(86_400_000).meta({ description: 'ms' }) }),
    answer: { about: 'an empty object', schema: z.object({}) },
    errors: ['busy'],
  },
})

/** The reply cache: contents per tier, and dropping replies. */
export const CACHE = describe(OPERATIONS, {
  'maintenance.cache.report': {
    scope: 'admin',
    summary: 'Show the reply cache: tiers, sizes and hits',
    answer: { about: 'the tiers, fastest first', schema: cacheReport },
  },
  'maintenance.cache.drop': {
    scope: 'admin',
    summary: 'Drop cached replies by model, owner or tag, or all with `{ "all": true }`',
    body: cacheDrop,
    answer: {
      about: 'the number of dropped replies; Redis invalidates them at once and deletes them when they expire',
      schema: cacheDropped,
    },
  },
})

import { once } from 'node:events'
import { z } from 'zod'
import type { Json } from '../../kernel/schema.ts'
import { PROMETHEUS_TYPE } from '../../observe/metrics/prometheus.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'
import { events, type Route, route } from '../routing/route.ts'
import { absolutePath, json, maybe } from '../schemas/basic.ts'
import { backup, collected, status } from '../schemas/system.ts'
import { eventStream } from '../stream/event-stream.ts'
import type { Sent } from '../wire/sse.ts'

/**
 * The process and its data folder: health, status, metrics, presence, backup, garbage collection,
 * handover.
 * `routes`: all routes of the app, for the OpenAPI document.
 */
export const systemRoutes = (routes: () => readonly Route[]): readonly Route[] => [
  route({
    method: 'get',
    path: '/health',
    scope: null,
    unlimited: true,
    summary: 'Check that the process answers',
    answer: { about: 'it answers', schema: z.object({ status: z.literal('ok') }) },
    handle: () => ({ status: 'ok' as const }),
  }),
  route({
    method: 'get',
    path: '/ready',
    scope: null,
    unlimited: true,
    summary: 'Check that the process accepts work; fails during shutdown and if the disk accepts no writes',
    answer: { about: 'it accepts work', schema: z.object({ status: z.literal('ready') }) },
    errors: ['busy', 'storage'],
    async handle({ runtime }) {
      await runtime.ready()
      return { status: 'ready' as const }
    },
  }),
  route({
    method: 'get',
    path: '/openapi.json',
    scope: null,
    summary: 'Get this API as an OpenAPI 3.1 document',
    answer: { about: 'the document', schema: z.record(z.string(), json) },
    async handle() {
      const { openApi } = await import('../routing/openapi.ts')
      return openApi(routes()) as unknown as { [key: string]: Json }
    },
  }),
  route({
    method: 'get',
    path: '/status',
    scope: 'admin',
    summary: 'Show the status of this process',
    answer: { about: 'counts and pools', schema: status },
    handle: ({ runtime }) => runtime.status(),
  }),
  route({
    method: 'get',
    path: '/metrics',
    scope: 'admin',
    summary: 'Get the metrics of this process in Prometheus format',
    answer: { about: 'the metrics', type: PROMETHEUS_TYPE },
    handle: ({ runtime }) =>
      new Response(runtime.inspector.metrics(), { headers: { 'content-type': PROMETHEUS_TYPE } }),
  }),
  route({
    method: 'get',
    path: '/presence',
    scope: 'admin',
    local: true,
    summary: 'Keep the process alive: it does not stop while a client reads this stream',
    answer: events('one event with the status; the stream ends with the process'),
    handle: ({ runtime }) => eventStream((leaving) => stay(runtime, leaving)),
  }),
  route({
    method: 'post',
    path: '/backup',
    scope: 'admin',
    local: true,
    summary: 'Back up all acknowledged data into one file',
    body: z.strictObject({ file: absolutePath, force: maybe(z.boolean()) }),
    answer: { about: 'the contents of the file', schema: backup },
    errors: ['storage'],
    handle: ({ runtime, body: { file, ...options }, signal }) =>
      runtime.maintenance.backup(file, { ...options, signal }),
  }),
  route({
    method: 'post',
    path: '/gc',
    scope: 'admin',
    summary: 'Delete data that ended long ago, or list it with a dry run',
    body: z.strictObject({ dryRun: maybe(z.boolean()) }),
    answer: { about: 'the deleted items', schema: collected },
    handle: ({ runtime, body, signal }) => runtime.maintenance.gc({ ...body, signal }),
  }),
  route({
    method: 'post',
    path: '/handover',
    scope: 'admin',
    local: true,
    summary: 'Finish running turns, then hand the data folder over to another process',
    body: z.strictObject({ wait: z.int().min(0).max(86_400_000).meta({ description: 'ms' }) }),
    answer: { about: 'an empty object', schema: z.object({}) },
    errors: ['busy'],
    async handle({ runtime, body, signal }) {
      await runtime.serving.handOver(body.wait, signal)
      return {}
    },
  }),
]

async function* stay(runtime: ScopedRuntime, leaving: AbortSignal): AsyncGenerator<Sent> {
  yield { event: 'present', data: runtime.status() as unknown as Json }
  if (!leaving.aborted) await once(leaving, 'abort')
}

import { once } from 'node:events'
import { z } from 'zod'
import type { Json } from '../../kernel/schema.ts'
import { PROMETHEUS_TYPE } from '../../observe/metrics/prometheus.ts'
import type { Owned } from '../authorize/scoped-runtime.ts'
import { events, type Route, route } from '../routing/route.ts'
import { absolutePath, json, maybe } from '../schemas/basic.ts'
import { backup, collected, status } from '../schemas/system.ts'
import { eventStream } from '../stream/event-stream.ts'
import type { Sent } from '../wire/sse.ts'

/**
 * The process and its data folder: what it does, a stream that lasts as long as a visitor stays, backup, retention, moving away.
 * `routes`: all routes of the app, which the OpenAPI document describes.
 */
export const systemRoutes = (routes: () => readonly Route[]): readonly Route[] => [
  route({
    method: 'get',
    path: '/health',
    scope: null,
    unlimited: true,
    summary: 'Whether the process answers',
    answer: { about: 'it does', schema: z.object({ status: z.literal('ok') }) },
    handle: () => ({ status: 'ok' as const }),
  }),
  route({
    method: 'get',
    path: '/ready',
    scope: null,
    unlimited: true,
    summary: 'Whether the process can take work: not when it is about to end, or its disk takes nothing',
    answer: { about: 'it can', schema: z.object({ status: z.literal('ready') }) },
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
    summary: 'This API as an OpenAPI 3.1 document',
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
    summary: 'What this process is doing',
    answer: { about: 'its counts and pools', schema: status },
    handle: ({ runtime }) => runtime.status(),
  }),
  route({
    method: 'get',
    path: '/metrics',
    scope: 'admin',
    summary: 'What was counted since this process began, as Prometheus reads it',
    answer: { about: 'the metrics', type: PROMETHEUS_TYPE },
    handle: ({ runtime }) =>
      new Response(runtime.inspector.metrics(), { headers: { 'content-type': PROMETHEUS_TYPE } }),
  }),
  route({
    method: 'get',
    path: '/presence',
    scope: 'admin',
    local: true,
    summary: 'Stay: the stream ends with the process, and the process stays as long as somebody reads it',
    answer: events('one event with the status'),
    handle: ({ runtime }) => eventStream((leaving) => stay(runtime, leaving)),
  }),
  route({
    method: 'post',
    path: '/backup',
    scope: 'admin',
    local: true,
    summary: 'Write all that was acknowledged so far into one file',
    body: z.strictObject({ file: absolutePath, force: maybe(z.boolean()) }),
    answer: { about: 'what is in the file', schema: backup },
    errors: ['storage'],
    handle: ({ runtime, body: { file, ...options }, signal }) =>
      runtime.maintenance.backup(file, { ...options, signal }),
  }),
  route({
    method: 'post',
    path: '/gc',
    scope: 'admin',
    summary: 'Let go of what was over long ago, or only tell what would go',
    body: z.strictObject({ dryRun: maybe(z.boolean()) }),
    answer: { about: 'what went', schema: collected },
    handle: ({ runtime, body, signal }) => runtime.maintenance.gc({ ...body, signal }),
  }),
  route({
    method: 'post',
    path: '/handover',
    scope: 'admin',
    local: true,
    summary: 'Let turns end, and then give the data folder to another process',
    body: z.strictObject({ wait: z.int().min(0).max(86_400_000).meta({ description: 'ms' }) }),
    answer: { about: 'nothing more', schema: z.object({}) },
    errors: ['busy'],
    async handle({ runtime, body, signal }) {
      await runtime.handOver(body.wait, signal)
      return {}
    },
  }),
]

async function* stay(runtime: Owned, leaving: AbortSignal): AsyncGenerator<Sent> {
  yield { event: 'present', data: runtime.status() as unknown as Json }
  if (!leaving.aborted) await once(leaving, 'abort')
}

import { once } from 'node:events'
import { CACHE, SYSTEM } from '../../contract/system.ts'
import type { Json } from '../../kernel/schema.ts'
import { PROMETHEUS_TYPE } from '../../observe/metrics/prometheus.ts'
import { CONTRACT } from '../../rooms/contract.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'
import { type Route, routes } from '../routing/route.ts'
import { eventStream } from '../stream/event-stream.ts'
import type { Sent } from '../wire/sse.ts'

/**
 * The process and its data folder: health, status, metrics, presence, backup, garbage collection,
 * handover.
 */
export const systemRoutes: readonly Route[] = routes(SYSTEM, {
  health: () => ({ status: 'ok' as const }),
  async ready({ runtime }) {
    await runtime.ready()
    return { status: 'ready' as const }
  },
  async openApi() {
    const { openApi } = await import('../routing/openapi.ts')
    return openApi(CONTRACT) as unknown as { [key: string]: Json }
  },
  status: ({ runtime }) => runtime.status(),
  'inspector.metrics': ({ runtime }) =>
    new Response(runtime.inspector.metrics(), { headers: { 'content-type': PROMETHEUS_TYPE } }),
  attend: ({ runtime }) => eventStream((leaving) => stay(runtime, leaving)),
  'maintenance.backup': ({ runtime, body: { file, ...options }, signal }) =>
    runtime.maintenance.backup(file, { ...options, signal }),
  'maintenance.gc': ({ runtime, body, signal }) => runtime.maintenance.gc({ ...body, signal }),
  async handOver({ runtime, body, signal }) {
    await runtime.serving.handOver(body.wait, signal)
    return {}
  },
})

/** The reply cache: contents per tier, and dropping replies. */
export const cacheRoutes: readonly Route[] = routes(CACHE, {
  'maintenance.cache.report': ({ runtime }) => runtime.maintenance.cache.report(),
  'maintenance.cache.drop': ({ runtime, body }) => runtime.maintenance.cache.drop(body),
})

async function* stay(runtime: ScopedRuntime, leaving: AbortSignal): AsyncGenerator<Sent> {
  yield { event: 'present', data: runtime.status() as Json }
  if (!leaving.aborted) await once(leaving, 'abort')
}

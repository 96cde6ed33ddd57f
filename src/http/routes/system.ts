import { once } from 'node:events'
import { SYSTEM } from '../../contract/system.ts'
import { allows } from '../../house/scope.ts'
import type { Json } from '../../kernel/json.ts'
import { CONTRACT } from '../../rooms/contract.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'
import { handlers } from '../routing/route.ts'
import { eventStream } from '../stream/event-stream.ts'
import type { Sent } from '../wire/sse.ts'

/** The process and its data folder: health, presence, backup, garbage collection, handover. */
export const systemHandlers = handlers(SYSTEM, {
  health: () => ({ status: 'ok' as const, role: 'owner' as const }),
  async ready({ runtime }) {
    await runtime.ready()
    return { status: 'ready' as const, role: 'owner' as const }
  },
  async openApi({ mountedAt }) {
    const { openApi } = await import('../routing/openapi.ts')
    const document = openApi(CONTRACT) as unknown as { [key: string]: Json }
    return { ...document, servers: [{ url: `${mountedAt}/v1` }] }
  },
  caller: ({ caller: { owner, scopes, visitor } }) => ({
    owner,
    scopes: [...scopes],
    mounted: visitor !== undefined,
    // the agents of a program are no business of callers that may not talk with them
    ...(visitor && allows(scopes, 'talk') && { agents: [...visitor.agents] }),
  }),
  attend: ({ runtime }) => eventStream((leaving) => stay(runtime, leaving)),
  'maintenance.backup': ({ runtime, body: { file, ...options }, signal }) =>
    runtime.maintenance.backup(file, { ...options, signal }),
  'maintenance.gc': ({ runtime, body, signal }) => runtime.maintenance.gc({ ...body, signal }),
  async handOver({ runtime, body, signal }) {
    await runtime.serving.handOver(body.wait, signal)
    return {}
  },
})

async function* stay(runtime: ScopedRuntime, leaving: AbortSignal): AsyncGenerator<Sent> {
  yield { event: 'present', data: (await runtime.status()) as Json }
  if (!leaving.aborted) await once(leaving, 'abort')
}

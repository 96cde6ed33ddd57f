import { once } from 'node:events'
import { Hono } from 'hono'
import type { Json } from '../../kernel/schema.ts'
import type { Runtime } from '../../runtime.ts'
import { eventStream } from '../events.ts'
import type { Sent } from '../sse.ts'

/** What this process is doing, and a stream that lasts as long as a visitor stays: it ends with the process. */
export function statusRoutes(runtime: Runtime): Hono {
  return new Hono()
    .get('/status', (context) => context.json(runtime.status()))
    .get('/presence', () => eventStream((leaving) => stay(runtime, leaving)))
}

async function* stay(runtime: Runtime, leaving: AbortSignal): AsyncGenerator<Sent> {
  yield { event: 'present', data: runtime.status() as unknown as Json }
  if (!leaving.aborted) await once(leaving, 'abort')
}

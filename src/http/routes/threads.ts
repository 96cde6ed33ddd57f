import { pageOf } from '../../contract/documents/basic.ts'
import { THREADS } from '../../contract/threads.ts'
import { type Route, routes } from '../routing/route.ts'

/** Threads: list, read, read messages; asks in the background: start, read, cancel. */
export const threadRoutes: readonly Route[] = routes(THREADS, {
  'threads.list': ({ runtime, query }) => runtime.threads.list(query),
  'threads.get': ({ runtime, params }) => runtime.threads.get(params.thread),
  'threads.messages': async ({ runtime, params, query }) =>
    pageOf(await runtime.threads.messages(params.thread, query), query.limit, ({ n }) => String(n)),
  'threads.startAsk': ({ runtime, params: { thread, ask }, body }) =>
    runtime.threads.startAsk({ ...body, thread, id: ask }),
  'threads.getAsk': ({ runtime, params: { thread, ask } }) => runtime.threads.getAsk(thread, ask),
  async 'threads.cancelAsk'({ runtime, params: { thread, ask }, body: { reason } }) {
    await runtime.threads.cancelAsk(thread, ask, reason)
    return { id: ask }
  },
})

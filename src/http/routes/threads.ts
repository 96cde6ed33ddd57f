import { ASKS } from '../../contract/asks.ts'
import { pageOf } from '../../contract/documents/basic.ts'
import { LAST_EVENT } from '../../contract/operations.ts'
import { THREADS } from '../../contract/threads.ts'
import { is } from '../../errors.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'
import { type Route, routes } from '../routing/route.ts'
import { startAfter } from '../stream/event-stream.ts'

/** Threads: list, read, read messages; asks in the background: start, read, cancel. */
export const threadRoutes: readonly Route[] = routes(THREADS, {
  'threads.list': ({ runtime, query }) => runtime.threads.list(query),
  'threads.get': ({ runtime, params }) => runtime.threads.get(params.thread),
  'threads.messages': async ({ runtime, params, query }) =>
    pageOf(await runtime.threads.messages(params.thread, query), query.limit, ({ n }) => String(n)),
  'threads.startAsk': ({ runtime, params: { thread, ask }, body }) =>
    runtime.threads.startAsk({ ...body, thread, id: ask }),
  'threads.getAsk': ({ runtime, params: { thread, ask } }) => runtime.threads.getAsk(thread, ask),
  async 'threads.resumeAsk'({ runtime, params: { thread, ask } }) {
    await runtime.threads.resumeAsk(thread, ask)
    return { id: ask }
  },
  async 'threads.cancelAsk'({ runtime, params: { thread, ask }, body: { reason } }) {
    await runtime.threads.cancelAsk(thread, ask, reason)
    return { id: ask }
  },
})

const askId = (made: string) => `ask_${made.slice(0, 32)}`

async function isAsked(runtime: ScopedRuntime, thread: string, ask: string): Promise<boolean> {
  try {
    await runtime.threads.getAsk(thread, ask)
    return true
  } catch (error) {
    if (is(error, 'NotFoundError')) return false
    throw error
  }
}

/**
 * Asks: ask and wait for the answer, follow events, decide how to continue, consent to summaries.
 */
export const askRoutes: readonly Route[] = routes(ASKS, {
  'threads.ask': {
    handle: ({ runtime, params, body, made, signal }) =>
      runtime.threads.ask({ ...(made && { id: askId(made) }), ...body, ...params }, { signal }),
    isMade: ({ runtime, params: { thread }, body: { id }, made }) => isAsked(runtime, thread, id ?? askId(made!)),
  },
  async 'threads.askEvents'({ runtime, caller, follow, params: { thread, ask }, query, header }) {
    // check before the stream starts, so that a missing ask is a 404
    const { key } = await runtime.threads.findAsk(thread, ask)
    return follow(caller, {
      topic: `ask/${key}/${ask}`,
      after: startAfter(query, header(LAST_EVENT)),
      ended: (after) => runtime.serving.askEnded(thread, ask, after),
      durable: (from) => runtime.threads.askEvents(thread, ask, from),
      volatile: (signal) => runtime.threads.askDeltas(thread, ask, signal),
    })
  },
  'inbox.decide': ({ runtime, params, body: { id, thread, ...decision }, made }) =>
    runtime.inbox.decide(params.ask, decision, {
      ...(made && { id: `dec_${made.slice(0, 32)}` }),
      ...(id !== undefined && { id }),
      ...(thread !== undefined && { thread }),
    }),
  async 'inbox.consent'({ runtime, params, body: { thread, ...said } }) {
    const answers = 'answers' in said ? said.answers : [said]
    return { items: await runtime.inbox.consent(params.ask, answers, thread === undefined ? {} : { thread }) }
  },
})

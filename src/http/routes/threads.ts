import { ASKS } from '../../contract/asks.ts'
import { LAST_EVENT } from '../../contract/operations.ts'
import { THREADS } from '../../contract/threads.ts'
import { is } from '../../errors.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'
import { handlers } from '../routing/route.ts'
import { startAfter } from '../stream/event-stream.ts'

/** Questions in the background. */
export const threadHandlers = handlers(THREADS, {
  'threads.startAsk': ({ runtime, params: { thread, ask }, body }) =>
    runtime.threads.startAsk({ ...body, thread, id: ask }),
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

/** Asks: ask and wait for the answer, follow events, consent to summaries. */
export const askHandlers = handlers(ASKS, {
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
  async 'inbox.consent'({ runtime, params, body: { thread, ...said } }) {
    const answers = 'answers' in said ? said.answers : [said]
    return { items: await runtime.inbox.consent(params.ask, answers, thread === undefined ? {} : { thread }) }
  },
})

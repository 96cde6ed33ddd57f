import { id } from '../../house/common-fields.ts'
import { events, eventsQuery } from '../../house/describe.ts'
import { LAST_EVENT } from '../../house/operation.ts'
import type { Json } from '../../kernel/json.ts'
import type { ChainEvent } from '../../thread/protocol/ask-state.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'
import { type CallerContext, type Route, route } from '../routing/route.ts'
import type { Durable } from '../stream/batch.ts'
import { startAfter } from '../stream/event-stream.ts'
import { encodeEvent, type Sent } from '../wire/sse.ts'
import { type AskReference, nextFrames, type Open } from './frames.ts'
import { chatRequest, modelsOf, threadId } from './request.ts'
import { rewardFields } from './rewards.ts'

const PATH = '/api/postchain/langchain'

/** Questions in the format of upstream's clients, and resumption after a lost connection. */
export const chatRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: PATH,
    scope: 'ask',
    summary: 'Ask a question, and follow its phases',
    body: chatRequest,
    idempotent: true,
    answer: events('each phase as it begins and ends, and at last [DONE]'),
    errors: ['not_found', 'busy', 'id_taken'],
    async handle({
      body: { thread_id: thread, user_query: prompt, model_configs, share, priors },
      made,
      header,
      ...behalf
    }) {
      const models = modelsOf(model_configs)
      const given = made && { id: `ask_${made.slice(0, 32)}` }
      const more = { ...(models && { models }), ...(share !== undefined && { share }), ...(priors && { priors }) }
      const { id } = await behalf.runtime.threads.startAsk({ thread, prompt, ...more, ...given })
      return tell(behalf, { thread, id }, startAfter({}, header(LAST_EVENT)))
    },
  }),
  route({
    method: 'get',
    path: PATH,
    scope: 'read',
    summary: 'Follow the phases of a question that was asked: `run_id` is in each of its events',
    query: eventsQuery.extend({ thread_id: threadId, run_id: id }),
    answer: events('each phase as it begins and ends, and at last [DONE]'),
    errors: ['not_found'],
    async handle({ query, header, ...behalf }) {
      const { thread_id: thread, run_id: id } = query
      return tell(behalf, { thread, id }, startAfter(query, header(LAST_EVENT)))
    },
  }),
]

async function tell({ runtime, caller, follow }: CallerContext, asked: AskReference, after: number): Promise<Response> {
  // check before the stream starts, so that a missing question is a 404
  const { key } = await runtime.threads.findAsk(asked.thread, asked.id)
  return follow(caller, {
    topic: `chat/${key}/${asked.id}`,
    after,
    durable: (from) => framesOf(runtime, asked, from),
    encode: ({ body }) => (body as readonly Sent[]).map(encodeEvent).join(''),
    ending: 'data: [DONE]\n\n',
  })
}

type From = { readonly after: number; readonly signal: AbortSignal }

/** Reads all events to learn which phases are open, but sends only new ones. */
async function* framesOf(
  runtime: ScopedRuntime,
  asked: AskReference,
  { after, signal }: From,
): AsyncGenerator<Durable> {
  let open: Open = []
  for await (const event of runtime.threads.askEvents(asked.thread, asked.id, { signal })) {
    const { frames, ...next } = nextFrames(asked, open, event)
    open = next.open
    if (event.n <= after || frames.length === 0) continue
    const isAnswered = (event.body as ChainEvent).type === 'ask-end'
    yield { n: event.n, body: (isAnswered ? await withRewards(runtime, asked, frames) : frames) as Json }
  }
}

/** The rewards of an ask are in its last frame: they are known when it is answered. */
async function withRewards(runtime: ScopedRuntime, { id }: AskReference, frames: readonly Sent[]) {
  const rewards = await rewardFields(runtime, id)
  return frames.map((frame) =>
    frame.event === 'done' ? { ...frame, data: { ...(frame.data as object), ...rewards } } : frame,
  )
}

import { id } from '../documents/basic.ts'
import { eventStream, eventsQuery, startAfter } from '../events.ts'
import type { Owned } from '../owned.ts'
import { type Route, route } from '../route.ts'
import { events, LAST_EVENT } from '../routes/streams.ts'
import type { Told as Text } from '../stream/pump.ts'
import { nextFrames, type Open, type Told } from './frames.ts'
import { chatRequest, modelsOf, threadId } from './request.ts'

const PATH = '/api/postchain/langchain'

/** Questions as upstream's clients put them, and how one that lost its connection goes on. */
export const chatRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: PATH,
    foreign: true,
    scope: 'ask',
    summary: 'Ask a question, and follow its phases',
    body: chatRequest,
    idempotent: true,
    answer: events('each phase as it begins and ends, and at last [DONE]'),
    errors: ['not_found', 'busy', 'id_taken'],
    async handle({ runtime, body: { thread_id: thread, user_query: prompt, model_configs }, made, header }) {
      const models = modelsOf(model_configs)
      const given = made && { id: `ask_${made.slice(0, 32)}` }
      const { id } = await runtime.startAsk({ thread, prompt, ...(models && { models }), ...given })
      return tell(runtime, { thread, id }, startAfter({}, header(LAST_EVENT)))
    },
  }),
  route({
    method: 'get',
    path: PATH,
    foreign: true,
    scope: 'read',
    summary: 'Follow the phases of a question that was asked: `run_id` is in each of its events',
    query: eventsQuery.extend({ thread_id: threadId, run_id: id }),
    answer: events('each phase as it begins and ends, and at last [DONE]'),
    errors: ['not_found'],
    async handle({ runtime, query, header }) {
      const { thread_id: thread, run_id: id } = query
      await runtime.checkThread(thread)
      return tell(runtime, { thread, id }, startAfter(query, header(LAST_EVENT)))
    },
  }),
]

function tell(runtime: Owned, told: Told, after: number): Response {
  return eventStream((signal) => textsOf(runtime, told, after, signal))
}

/** All is read, so that a phase which was called off is known; what the client has is not told again. */
async function* textsOf(runtime: Owned, told: Told, after: number, signal: AbortSignal): AsyncGenerator<Text> {
  let open: Open = []
  for await (const event of runtime.askEvents(told.thread, told.id, { signal })) {
    const next = nextFrames(told, open, event)
    open = next.open
    if (event.n > after) yield* next.frames
  }
  yield DONE
}

const DONE = 'data: [DONE]\n\n'

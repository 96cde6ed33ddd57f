import { z } from 'zod'
import { type Route, route } from '../routing/route.ts'
import { givenId, id, listOf, maybe, page, pageOf } from '../schemas/basic.ts'
import { askDocument, threadDocument, threadMessage, threadSummary } from '../schemas/conversation.ts'
import { started } from '../schemas/run.ts'
import { askRequest, threadName } from './asks.ts'

const params = z.object({ thread: threadName })
const askParams = z.object({ thread: threadName, ask: id })
const newAsk = z.object({ thread: threadName, ask: givenId })
const messagesQuery = z.object({
  ...page,
  after: maybe(z.coerce.number().int().min(0)).meta({ description: '`next` of the page before' }),
})
const cancellation = z.strictObject({ reason: z.string().min(1).max(1000).default('cancelled by request') })

const accepted = (about: string) => ({ about, status: 202 as const, schema: started })

/** Threads: list them, read one and what was said on it; questions that nobody waits for: begin one, look at it, call it off. */
export const threadRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/threads',
    scope: 'read',
    summary: 'Threads by their first question, the newest first',
    query: z.object(page),
    answer: { about: 'a page of them', schema: listOf(threadSummary) },
    errors: ['bad_cursor'],
    handle: ({ runtime, query }) => runtime.threads(query),
  }),
  route({
    method: 'get',
    path: '/threads/{thread}',
    scope: 'read',
    summary: 'A thread with its newest hundred questions',
    params,
    answer: { about: 'the thread as it stands', schema: threadDocument },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.thread(params.thread),
  }),
  route({
    method: 'get',
    path: '/threads/{thread}/messages',
    scope: 'read',
    summary: 'What was said on a thread, in order',
    params,
    query: messagesQuery,
    answer: { about: 'a page of it', schema: listOf(threadMessage) },
    errors: ['not_found'],
    handle: async ({ runtime, params, query }) =>
      pageOf(await runtime.messages(params.thread, query), query.limit, ({ n }) => String(n)),
  }),
  route({
    method: 'put',
    path: '/threads/{thread}/asks/{ask}',
    scope: 'ask',
    summary: 'Begin a question under an id of your own; its answer is not waited for',
    params: newAsk,
    body: askRequest.omit({ id: true }),
    answer: accepted('its thread has taken it'),
    errors: ['not_found', 'id_taken', 'busy'],
    handle: ({ runtime, params: { thread, ask }, body }) => runtime.startAsk({ ...body, thread, id: ask }),
  }),
  route({
    method: 'get',
    path: '/threads/{thread}/asks/{ask}',
    scope: 'read',
    summary: 'A question, and its answer when there is one',
    params: askParams,
    answer: { about: 'the question as it stands', schema: askDocument },
    errors: ['not_found'],
    handle: ({ runtime, params: { thread, ask } }) => runtime.askDocument(thread, ask),
  }),
  route({
    method: 'post',
    path: '/threads/{thread}/asks/{ask}/cancel',
    scope: 'ask',
    summary: 'Call a question off',
    params: askParams,
    body: cancellation,
    answer: accepted('it is called off'),
    errors: ['not_found', 'ask_over'],
    async handle({ runtime, params: { thread, ask }, body: { reason } }) {
      await runtime.cancelAsk(thread, ask, reason)
      return { id: ask }
    },
  }),
]

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { maybe } from '../../document.ts'
import { threadName } from '../../thread/room/asks-contract.ts'
import type { ThreadMessage, ThreadSummary } from '../../thread/room/port.ts'
import { type Route, route } from '../routing/route.ts'
import { time, timeOf, wrap, wrapped } from './reply.ts'

const params = z.object({ thread: threadName })

const threadRequest = z.strictObject({
  name: z.string().min(1).max(200),
  user_id: maybe(z.string().max(200)).meta({ description: 'ignored: a thread belongs to the owner of the key' }),
  initial_message: maybe(z.null('a thread starts with a question: POST /api/postchain/langchain')),
})

const before: z.ZodType<Before> = z.union([
  z.coerce.number().int().min(1),
  z.iso.datetime({ offset: true }).transform((time) => new Date(time)),
])
const messagesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  before: maybe(before).meta({ description: 'the id of a message, or a time' }),
})

/** A thread, as upstream has it. */
export const thread = z.object({
  id: z.string(),
  name: z.string(),
  created_at: time,
  user_id: z.string().meta({ description: 'its owner' }),
  co_authors: z.array(z.string()),
  message_count: z.number().meta({ description: 'questions' }),
  last_activity: time,
})
const message = z.object({
  id: z.string(),
  thread_id: z.string(),
  role: z.enum(['user', 'assistant']),
  content: z.string(),
  created_at: time,
  run_id: z.string(),
})

/** Threads, as upstream's clients create and read them. */
export const threadRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/api/threads',
    scope: 'ask',
    summary: 'Begin a thread',
    body: threadRequest,
    idempotent: true,
    answer: { about: 'the thread', schema: wrapped({ thread }) },
    async handle({ runtime, body: { name }, made }) {
      const id = made === undefined ? randomUUID() : uuidOf(made)
      await runtime.threads.open({ id, name })
      return wrap({ thread: threadOf(await runtime.threads.get(id)) })
    },
  }),
  route({
    method: 'get',
    path: '/api/threads/{thread}',
    scope: 'read',
    summary: 'A thread',
    params,
    answer: { about: 'the thread', schema: wrapped({ thread }) },
    errors: ['not_found'],
    handle: async ({ runtime, params }) => wrap({ thread: threadOf(await runtime.threads.get(params.thread)) }),
  }),
  route({
    method: 'get',
    path: '/api/threads/{thread}/messages',
    scope: 'read',
    summary: 'What was said on a thread last, in order',
    params,
    query: messagesQuery,
    answer: { about: 'questions and answers', schema: wrapped({ messages: z.array(message) }) },
    errors: ['not_found'],
    async handle({ runtime, params: { thread }, query }) {
      const { asked } = await runtime.threads.get(thread)
      const said = await lastMessages((page) => runtime.threads.messages(thread, page), 2 * asked, query)
      return wrap({ messages: said.map((one) => messageOf(thread, one)) })
    },
  }),
]

/** 32 hexadecimal digits as a UUID. */
const uuidOf = (digits: string) => digits.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

export function threadOf({ id, name = id, owner, asked, startedAt, updatedAt }: ThreadSummary): z.infer<typeof thread> {
  return {
    id,
    name,
    created_at: timeOf(startedAt),
    user_id: owner,
    co_authors: [owner],
    message_count: asked,
    last_activity: timeOf(updatedAt),
  }
}

function messageOf(thread: string, { n, ask, role, text, at }: ThreadMessage): z.infer<typeof message> {
  return { id: String(n), thread_id: thread, role, content: text, created_at: timeOf(at), run_id: ask }
}

/** The cursor of a page: a message number or a time. */
type Before = number | Date

type Read = (page: { readonly after: number; readonly limit: number }) => Promise<readonly ThreadMessage[]>

/** The last messages of a thread before a number, in order. It is read backwards, and only as far as needed. */
export async function lastMessages(
  read: Read,
  last: number,
  { limit, before = last + 1 }: { readonly limit: number; readonly before?: Before },
): Promise<readonly ThreadMessage[]> {
  let found: readonly ThreadMessage[] = []
  let end = typeof before === 'number' ? Math.min(last, before - 1) : last
  while (end > 0 && found.length < limit) {
    const after = Math.max(0, end - limit)
    const page = await read({ after, limit: end - after })
    // questions without an answer leave gaps in the numbers, so a page may reach beyond its end
    const upTo = end
    found = [...page.filter((message) => message.n <= upTo && isBefore(message, before)), ...found]
    end = after
  }
  return found.slice(-limit)
}

/** A thread without a known time is older than all threads with one. */
const isBefore = ({ at = 0, n }: ThreadMessage, before: Before) =>
  typeof before === 'number' ? n < before : at < before.getTime()

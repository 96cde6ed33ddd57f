import { z } from 'zod'
import { maybe } from '../../document.ts'
import { givenId, id, listOf, page } from '../../house/common-fields.ts'
import { describe, pages } from '../../house/describe.ts'
import { started } from '../../run/room/documents.ts'
import { threadOperations } from '../facts.ts'
import { askRequest, threadName } from './asks-contract.ts'
import { askDocument, threadDocument, threadMessage, threadSummary } from './documents/thread.ts'

const params = z.object({ thread: threadName })

const askParams = z.object({ thread: threadName, ask: id })

const newAsk = z.object({ thread: threadName, ask: givenId })

const messagesQuery = z.object({
  ...page,
  after: maybe(z.coerce.number().int().min(0)).meta({ description: '`next` of the previous page' }),
})

const cancellation = z.strictObject({ reason: z.string().min(1).max(1000).default('cancelled by request') })

const accepted = (about: string) => ({ about, status: 202 as const, names: 'ask', schema: started })

/** Threads: list, read, read messages; asks in the background: start, read, cancel. */
export const THREADS = describe(threadOperations, {
  'threads.list': {
    scope: ['talk', 'read'],
    passes: 'filter',
    summary: 'List threads, newest first by their first ask',
    query: z.object(page),
    answer: { about: 'a page of threads', schema: listOf(threadSummary) },
    errors: ['bad_cursor'],
  },
  'threads.get': {
    scope: 'read',
    summary: 'Show a thread with its newest hundred asks',
    params,
    answer: { about: 'the thread', schema: threadDocument },
    errors: ['not_found'],
  },
  'threads.name': {
    scope: 'talk',
    summary: 'Give a thread or a conversation a name for lists',
    params,
    body: z.strictObject({ name: z.string().max(200).meta({ description: 'an empty one removes the name' }) }),
    answer: { about: 'it has the name', names: 'thread', schema: z.object({ id: z.string() }) },
    errors: ['not_found', 'thread_removed'],
  },
  'threads.remove': {
    scope: 'run',
    summary: 'Remove a thread or a conversation without work in progress, with its messages, answers and goals',
    params,
    answer: {
      about: 'it is removed, and refuses messages for a month',
      names: 'thread',
      schema: z.object({ id: z.string() }),
    },
    errors: ['not_found', 'thread_at_work', 'thread_removed'],
  },
  'threads.messages': {
    scope: ['talk', 'read'],
    summary: 'List the messages of a thread in order',
    params,
    query: messagesQuery,
    answer: pages('a page of messages', threadMessage, ({ n }) => String(n)),
    errors: ['not_found'],
  },
  'threads.startAsk': {
    scope: 'ask',
    summary: 'Start an ask under your own id, without waiting for the answer',
    params: newAsk,
    body: askRequest.omit({ id: true }),
    answer: accepted('the thread has received the ask'),
    errors: ['not_found', 'id_taken', 'busy'],
  },
  'threads.getAsk': {
    scope: 'read',
    summary: 'Show an ask, with its answer if there is one',
    params: askParams,
    answer: { about: 'the ask', schema: askDocument },
    errors: ['not_found'],
  },
  'threads.resumeAsk': {
    scope: 'ask',
    summary: 'Continue an ask that has failed, at the phase that failed',
    params: askParams,
    answer: accepted('the ask continues'),
    errors: ['not_found', 'ask_over', 'not_recorded', 'busy'],
  },
  'threads.cancelAsk': {
    scope: 'ask',
    summary: 'Cancel an ask',
    params: askParams,
    body: cancellation,
    answer: accepted('the ask is being cancelled'),
    errors: ['not_found', 'ask_over'],
  },
})

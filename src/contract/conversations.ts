import { z } from 'zod'
import { maybe } from '../document.ts'
import { MAX_MESSAGE_CHARACTERS } from '../work/text-limits.ts'
import { threadName } from './asks.ts'
import { absolutePath, dollars, givenId, id, priority } from './documents/basic.ts'
import { messageReply, receipt } from './documents/message.ts'
import { describe, events } from './operation.ts'

/** The longest wait for an answer in one request, in ms. */
const MAX_WAIT_MS = 24 * 3_600_000

const conversation = threadName.meta({
  description: 'a thread; names belong to an owner, and an admin writes `bob:main` for one of bob',
})

const params = z.object({ conversation })

const messageRequest = z.strictObject({
  agent: id.meta({ description: 'the name of an agent' }),
  // messages that are empty or too long are refused with a hint
  text: z.string().meta({ minLength: 1, maxLength: MAX_MESSAGE_CHARACTERS }),
  onBusy: maybe(z.enum(['steer', 'queue', 'interrupt'])).meta({
    description:
      'while an earlier message is answered: `steer` (the default) tells this one to the agent before its next round, `queue` lets it wait, `interrupt` cancels the earlier work and begins again with both',
  }),
  files: maybe(z.array(absolutePath).max(1000)),
  interactive: maybe(z.boolean()).meta({ description: 'a person follows the conversation at a terminal' }),
  priority,
  budget: maybe(dollars).meta({ description: 'dollars that the answer may cost; at the limit it waits' }),
  id: maybe(givenId),
  wait: maybe(z.boolean()).meta({ description: 'true: the answer to the request is the reply' }),
  timeout: maybe(z.int().min(0).max(MAX_WAIT_MS)).meta({
    description: 'ms to wait; then the reply is `waiting`, and the agent goes on',
  }),
})

/** Conversations with agents: send a message, read its reply, stop, follow. */
export const CONVERSATIONS = describe({
  'conversations.post': {
    scope: 'run',
    passes: 'trust',
    summary: 'Send a message to an agent',
    description: 'Answers when the message is durable, or with `wait` when it has its reply.',
    params,
    body: messageRequest,
    idempotent: true,
    answer: { about: 'the receipt, or with `wait` the reply', schema: z.union([messageReply, receipt]) },
    errors: ['not_found', 'invalid_agent', 'id_taken', 'busy', 'stopped', 'storage'],
  },
  'conversations.get': {
    scope: 'read',
    summary: 'Show how a message stands, with its answer if there is one',
    params: z.object({ conversation, message: id }),
    answer: { about: 'the message', schema: messageReply },
    errors: ['not_found'],
  },
  'conversations.stop': {
    scope: 'run',
    summary: 'Cancel the message that is answered, and those that wait',
    params,
    body: z.strictObject({ reason: maybe(z.string().min(1).max(1000)) }),
    answer: {
      about: 'it is durable: no model is asked after it',
      status: 202,
      names: 'conversation',
      schema: z.object({ id: z.string() }),
    },
    errors: ['not_found'],
  },
  'conversations.events': {
    scope: 'read',
    summary: 'Follow a conversation and the goals that answer in it',
    description:
      'It does not end. The data of an event is `{ cursor, goal, body }`, and its id is the cursor. The text of models has `live: true`, the cursor of the event before it, and no id.',
    params,
    query: z.object({
      after: maybe(z.string().regex(/^\d{1,15}(\.\d{1,15})?$/, 'expected a cursor such as 12 or 12.3')).meta({
        description: 'the cursor of an event',
      }),
    }),
    answer: events('events of the conversation and of its goals in one order, with the text of models between them'),
    errors: ['not_found'],
  },
})

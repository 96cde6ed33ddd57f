import { z } from 'zod'
import { maybe } from '../../../document.ts'
import { dollars, givenId, id, messageFile, priority, workContext } from '../../../house/common-fields.ts'
import { describe, events } from '../../../house/describe.ts'
import { EVENT_STREAM } from '../../../house/operation.ts'
import { threadName } from '../../../thread/room/asks-contract.ts'
import { MAX_MESSAGE_CHARACTERS } from '../../../work/text-limits.ts'
import { conversationOperations } from '../../facts.ts'
import { messageReply, receipt } from './documents.ts'

/** The longest wait for an answer in one request, in ms. */
const MAX_WAIT_MS = 24 * 3_600_000

const conversation = threadName.meta({
  description: 'a thread; names belong to an owner, and an admin writes `bob:main` for one of bob',
})

const params = z.object({ conversation })

const messageRequest = z.strictObject({
  agent: id.meta({ description: 'the name of an agent' }),
  // messages that are empty or too long are refused with a hint
  text: z.string().meta({ maxLength: MAX_MESSAGE_CHARACTERS, description: 'it may be empty if there are files' }),
  onBusy: maybe(z.enum(['steer', 'queue', 'interrupt'])).meta({
    description:
      'while an earlier message is answered: `steer` (the default) tells this one to the agent before its next round, `queue` lets it wait, `interrupt` cancels the earlier work and begins again with both',
  }),
  files: maybe(z.array(messageFile).max(1000)).meta({
    description: 'files that the model gets with the text, at most 50, and paths on the server that the agent may read',
  }),
  texts: maybe(z.array(z.strictObject({ name: z.string().min(1).max(1000), text: z.string() })).max(100)).meta({
    description:
      'texts that belong to the message, such as files of the caller, each with a name. They count towards its size',
  }),
  interactive: maybe(z.boolean()).meta({ description: 'a person follows the conversation at a terminal' }),
  priority,
  budget: maybe(dollars).meta({ description: 'dollars that the answer may cost; at the limit it waits' }),
  context: workContext,
  id: maybe(givenId),
  wait: maybe(z.boolean()).meta({ description: 'true: the answer to the request is the reply' }),
  timeout: maybe(z.int().min(0).max(MAX_WAIT_MS)).meta({
    description: 'ms to wait; then the reply is `waiting`, and the agent goes on',
  }),
})

// what a front end keeps of earlier messages is its own: only the newest one of the user is checked, by the route
const messages = z
  .array(z.looseObject({ id: z.string(), role: z.string() }))
  .min(1)
  .meta({ description: 'only the texts of the newest user message count' })

const chatRequest = z.strictObject({
  id: conversation,
  messages,
  trigger: maybe(z.string()).meta({ description: 'has no effect: an answer is never regenerated' }),
  messageId: maybe(z.string()).meta({ description: 'has no effect' }),
})

const isNothing = (value: unknown) =>
  value === undefined ||
  value === null ||
  (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0)

/** A field that the agent would never see: it is accepted only without content. */
const empty = (why: string) => maybe(z.unknown().refine(isNothing, why)).meta({ description: why })
const emptyList = (why: string) => maybe(z.array(z.unknown()).max(0, why)).meta({ description: why })

const agUiRequest = z.strictObject({
  threadId: conversation,
  runId: givenId.meta({ description: 'the id of the message: the same id is one message' }),
  messages,
  protocolVersion: maybe(z.string().regex(/^1\./, 'expected version 1 of AG-UI')),
  parentRunId: maybe(z.string()).meta({ description: 'has no effect' }),
  tools: emptyList('expected no tools: an agent has those of its own definition'),
  context: emptyList('expected no context: put it into the message'),
  state: empty('expected no state: put it into the message, or into an environment'),
  forwardedProps: empty('expected no properties'),
  resume: emptyList('expected no answers to interrupts: an approval goes to POST /v1/runs/{run}/approve'),
})

/** The scopes of callers that may read conversations. */
const TALK_OR_READ = ['talk', 'read'] as const

/** Conversations with agents: send a message, read its reply, stop, follow. */
export const CONVERSATIONS = describe(conversationOperations, {
  'conversations.post': {
    scope: 'talk',
    passes: 'trust',
    summary: 'Send a message to an agent',
    description: 'Answers when the message is durable, or with `wait` when it has its reply.',
    params,
    body: messageRequest,
    idempotent: true,
    answer: { about: 'the receipt, or with `wait` the reply', schema: z.union([messageReply, receipt]) },
    errors: ['not_found', 'file_not_found', 'invalid_agent', 'id_taken', 'busy', 'stopped', 'storage'],
  },
  'conversations.get': {
    scope: TALK_OR_READ,
    summary: 'Show how a message stands, with its answer if there is one',
    params: z.object({ conversation, message: id }),
    answer: { about: 'the message', schema: messageReply },
    errors: ['not_found'],
  },
  'conversations.stop': {
    scope: 'talk',
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
    scope: TALK_OR_READ,
    summary: 'Follow a conversation and the goals that answer in it',
    description:
      'The stream does not end. The data of an event is `{ cursor, goal, body }`, and its id is the cursor. A live event with text of a model has `live: true`, the cursor of the event before it, and no id.',
    params,
    query: z.object({
      after: maybe(z.string().regex(/^\d{1,15}(\.\d{1,15})?$/, 'expected a cursor such as 12 or 12.3')).meta({
        description: 'the cursor of an event',
      }),
    }),
    answer: events('events of the conversation and of its goals in one order, with the text of models between them'),
    errors: ['not_found'],
  },
  'conversations.chat': {
    scope: 'talk',
    summary: 'Send the message of a `useChat`, and follow the reply as a UI message stream',
    description:
      'The request has the form of the AI SDK’s DefaultChatTransport. The response is a UI message stream, version 1. The id of the user’s message becomes the id of the message.',
    body: chatRequest,
    answer: { about: 'one UI message, then [DONE]', type: EVENT_STREAM },
    errors: ['not_found', 'invalid_agent', 'id_taken', 'busy', 'stopped', 'storage'],
  },
  'conversations.resumeChat': {
    scope: TALK_OR_READ,
    summary: 'Follow the reply in progress as a UI message stream',
    description:
      'DefaultChatTransport calls this route to resume. The stream gives the reply from its beginning, until ten minutes after its end.',
    params: z.object({ agent: id, chat: conversation }),
    answer: { about: 'one UI message, then [DONE]', type: EVENT_STREAM, over: 'no reply is under way' },
    errors: ['not_found'],
  },
  'conversations.agUi': {
    scope: 'talk',
    summary: 'Send a message by AG-UI, and follow the reply as AG-UI events',
    description:
      'The body is a RunAgentInput of AG-UI 1.0. A request that repeats a `runId` gets the same reply from its beginning.',
    body: agUiRequest,
    answer: { about: 'events of AG-UI from RUN_STARTED to RUN_FINISHED or RUN_ERROR', type: EVENT_STREAM },
    errors: ['not_found', 'invalid_agent', 'id_taken', 'busy', 'stopped', 'storage'],
  },
})

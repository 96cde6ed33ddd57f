import { z } from 'zod'
import { CONSENT_ANSWERS } from '../../chain/protocol/context-operations.ts'
import { ACCEPTED_MODALITIES } from '../../chain/protocol/modality.ts'
import { LOOP_TARGETS, RECURSION_MODES } from '../../chain/protocol/recursion.ts'
import { is } from '../../errors.ts'
import type { Owned } from '../authorize/scoped-runtime.ts'
import { events, OVER, type Route, route } from '../routing/route.ts'
import { absolutePath, givenId, id, listOf, maybe } from '../schemas/basic.ts'
import { dollars } from '../schemas/budget.ts'
import { consented } from '../schemas/conversation.ts'
import { answered, decided } from '../schemas/thread.ts'
import { eventsQuery, startAfter } from '../stream/event-stream.ts'
import { LAST_EVENT } from '../wire/sse.ts'

/** How a thread may be called; by others than its owner with that before it. */
export const threadName = z
  .string()
  .regex(
    /^(?:[A-Za-z0-9][\w.@-]{0,63}:)?[A-Za-z0-9_-]{1,100}$/,
    'up to 100 letters, digits, hyphens and underscores are expected',
  )
  .meta({ description: 'an owner has names of their own; an admin says `bob:main` for that of another' })

/** The thread of a question that is named by its id. */
const itsThread = maybe(threadName).meta({
  description:
    'its thread; to be named of one that was asked more than a day ago, waits for nobody and is on none of the hundred newest threads',
})

const modelName = z.string().min(1).max(200)
const modelNames = z.union([modelName, z.array(modelName).max(8)])

/** What to ask, over which files. */
export const askRequest = z.strictObject({
  prompt: z.string().min(1).max(100_000),
  files: maybe(z.array(absolutePath).max(1000)),
  texts: maybe(z.array(z.strictObject({ name: z.string().min(1).max(1000), text: z.string() })).max(100)).meta({
    description: 'texts to answer from as if they were files, each with what to call it',
  }),
  models: maybe(z.record(z.string().max(40), modelNames)).meta({
    description: 'which model answers in which phase, or several in their order; `default` is for the others',
  }),
  modality: maybe(z.enum(ACCEPTED_MODALITIES)).meta({
    description: 'what it is about, as phases and pools are chosen by; absent: told from the prompt',
  }),
  domain: maybe(
    z.string().regex(/^[\w-]{1,64}$/, 'up to 64 letters, digits, hyphens and underscores are expected'),
  ).meta({
    description: 'the field it belongs to, as phases and pools are chosen by',
  }),
  recursion: maybe(z.enum(RECURSION_MODES)).meta({
    description:
      'whether it goes round again: as Understanding decides (auto, when absent), never, or as is decided each time (step)',
  }),
  quick: maybe(z.boolean()).meta({
    description: 'looks into the texts and answers with one model call; not with `recursion: step`',
  }),
  id: maybe(givenId),
  budget: maybe(dollars).meta({ description: 'dollars that all questions on the thread may cost together' }),
})

const decisionRequest = z.strictObject({
  decision: z
    .enum(['accept', 'yield', 'loop'])
    .meta({ description: 'as is proposed, with its answer, or round again' }),
  target: maybe(z.enum(LOOP_TARGETS)).meta({
    description: 'of a loop: where it begins; absent: as is proposed, else with action',
  }),
  prompt: maybe(z.string().min(1).max(100_000)).meta({ description: 'of a loop: what it is to find out' }),
  thread: itsThread,
  id: maybe(givenId),
})

const consentAnswer = z.strictObject({
  message: z.number().int().min(1).meta({ description: 'its number on the thread' }),
  answer: z.enum(CONSENT_ANSWERS),
})
const consentRequest = z.union([
  consentAnswer.extend({ thread: itsThread }),
  z
    .strictObject({ answers: z.array(consentAnswer).min(1).max(100), thread: itsThread })
    .meta({ description: 'of several at once' }),
])

/** Why a question may stay without an answer, and another try would not do better. */
const UNANSWERED = ['refused', 'no_price', 'context_overflow', 'model_filtered', 'model_rejected'] as const

const askId = (made: string) => `ask_${made.slice(0, 32)}`

async function isAsked(runtime: Owned, thread: string, ask: string): Promise<boolean> {
  try {
    await runtime.askDocument(thread, ask)
    return true
  } catch (error) {
    if (is(error, 'NotFoundError')) return false
    throw error
  }
}

/** Questions to a thread: ask and get the answer, follow one on its way, decide how it goes on. */
export const askRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/threads/{thread}/asks',
    scope: 'ask',
    summary: 'Ask a question, and wait for the answer',
    params: z.object({ thread: threadName }),
    body: askRequest,
    idempotent: true,
    answer: { about: 'the answer', schema: answered },
    errors: [
      ...(['not_found', 'no_eligible_model', 'unknown_domain', 'local_only', 'id_taken'] as const),
      ...UNANSWERED,
      ...(['busy', 'stopped', 'storage'] as const),
    ],
    handle: ({ runtime, params, body, made, signal }) =>
      runtime.ask({ ...(made && { id: askId(made) }), ...body, ...params }, { signal }),
    isMade: ({ runtime, params: { thread }, body: { id }, made }) => isAsked(runtime, thread, id ?? askId(made!)),
  }),
  route({
    method: 'get',
    path: '/threads/{thread}/asks/{ask}/events',
    scope: 'read',
    summary: 'Follow a question on its way',
    params: z.object({ thread: threadName, ask: id }),
    query: eventsQuery,
    answer: events('durable events with a number, between them what models write as it comes; ends with ask-end', OVER),
    errors: ['not_found'],
    async handle({ runtime, caller, follow, params: { thread, ask }, query, header }) {
      // one that is not there is told before the stream begins
      const { key } = await runtime.seenThread(thread)
      return follow(caller, {
        topic: `ask/${key}/${ask}`,
        after: startAfter(query, header(LAST_EVENT)),
        ended: (after) => runtime.askEnded(thread, ask, after),
        durable: (from) => runtime.askEvents(thread, ask, from),
        volatile: (signal) => runtime.askDeltas(thread, ask, signal),
      })
    },
  }),
  route({
    method: 'post',
    path: '/asks/{ask}/decision',
    scope: 'ask',
    summary: 'Decide how a question goes on that waits for that',
    params: z.object({ ask: id }),
    body: decisionRequest,
    idempotent: true,
    answer: { about: 'it goes on', schema: decided },
    errors: ['not_found', 'not_waiting', 'no_more_cycles'],
    handle: ({ runtime, params, body: { id, thread, ...decision }, made }) =>
      runtime.decideAsk(params.ask, decision, {
        ...(made && { id: `dec_${made.slice(0, 32)}` }),
        ...(id !== undefined && { id }),
        ...(thread !== undefined && { thread }),
      }),
  }),
  route({
    method: 'post',
    path: '/asks/{ask}/consent',
    scope: 'ask',
    summary: 'Say what becomes of messages in prompts',
    description:
      'Of messages on the thread of the question, by their numbers there, from the next question on: `keep` leaves one whole, `summarise` puts a summary of at most 200 characters (of an answer 100) in its place, `remove` leaves it out, `restore` brings it back. The thread itself always has the whole text.',
    params: z.object({ ask: id }),
    body: consentRequest,
    answer: { about: 'what becomes of them', schema: listOf(consented) },
    errors: ['not_found'],
    async handle({ runtime, params, body: { thread, ...said } }) {
      const answers = 'answers' in said ? said.answers : [said]
      return { items: await runtime.consentAsk(params.ask, answers, thread === undefined ? {} : { thread }) }
    },
  }),
]

import { z } from 'zod'
import { maybe } from '../../document.ts'
import { absolutePath, dollars, givenId, id, listOf, priority, storedFile } from '../../house/common-fields.ts'
import { describe, events, eventsQuery, OVER } from '../../house/describe.ts'
import { recordFilter } from '../../memory/record.ts'
import { decisionOperations, threadOperations } from '../facts.ts'
import { CONSENT_ANSWERS } from '../protocol/context-operations.ts'
import { LOOP_TARGETS, RECURSION_MODES } from '../protocol/cycle-decision.ts'
import { checkName } from '../protocol/domain.ts'
import { MODALITIES } from '../protocol/modality.ts'
import { answered, decided } from './documents/answer.ts'
import { askTrace, consented } from './documents/thread.ts'

/** A thread name. A caller that is not the owner puts the owner before it. */
export const threadName = z
  .string()
  .regex(
    /^(?:[A-Za-z0-9][\w.@-]{0,63}:)?[A-Za-z0-9_-]{1,100}$/,
    'expected up to 100 letters, digits, hyphens and underscores',
  )
  .meta({ description: 'names belong to an owner; an admin writes `bob:main` for a thread of bob' })

const itsThread = maybe(threadName).meta({
  description:
    'thread of the ask; required if the ask is over a day old, does not wait, and is not on one of the hundred newest threads',
})

const modelName = z.string().min(1).max(200)

const modelNames = z.union([modelName, z.array(modelName).max(8)])

const askedMemory = z.strictObject({
  space: recordFilter.space,
  asOf: recordFilter.asOf,
  knownAt: recordFilter.knownAt,
  remember: maybe(z.boolean()).meta({
    description: 'the question and its answer become a record; needs the scope memory',
  }),
  learn: maybe(z.literal(false)).meta({
    description: 'false: what the phases learn does not become records, as for a key without the scope memory',
  }),
})

const sourceName = z.string().min(1).max(1000)
const namedText = z.strictObject({ name: sourceName, text: z.string() })
const namedBytes = z
  .strictObject({ name: sourceName, base64: z.base64() })
  .meta({ description: 'a PDF, a DOCX or another file' })

export const askRequest = z.strictObject({
  prompt: z.string().min(1).max(100_000),
  files: maybe(z.array(z.union([absolutePath, storedFile])).max(1000)).meta({
    description:
      'ids of stored files; for the local user also files and folders of the machine of the server, and paths with a pattern such as /texts/**/*.md',
  }),
  texts: maybe(z.array(z.union([namedText, namedBytes])).max(1000)).meta({
    description: 'texts to answer from, like files, each with a name',
  }),
  about: maybe(modelName).meta({
    description:
      'a model as the subject: eight fixed questions are put to it, once in a thread, and code judges the answers',
  }),
  models: maybe(z.record(z.string().max(40), modelNames)).meta({
    description: 'models per phase, in order of preference; `default` applies to the other phases',
  }),
  modality: maybe(z.string().max(32)).meta({
    description: `which phases and pools answer: ${MODALITIES.join(', ')}, or one of your own phases; absent: derived from the prompt and the files`,
  }),
  domain: maybe(z.string().regex(/^[\w-]{1,64}$/, 'expected up to 64 letters, digits, hyphens and underscores')).meta({
    description:
      'knowledge domain, which selects phases, pools and the settings of `domains`; `auto`: the question selects it',
  }),
  recursion: maybe(z.enum(RECURSION_MODES)).meta({
    description:
      'whether the ask may start another cycle: Understanding decides (auto, the default), never, or a person decides each time (step)',
  }),
  quick: maybe(z.boolean()).meta({
    description: 'searches the texts and answers with a single model call; excludes `recursion: step`',
  }),
  tools: maybe(z.array(z.string().min(1).max(200)).max(100)).meta({
    description:
      'tools that the phases may call, by name; needs the scope run. Empty: none. Absent: those of the domain, with the scope run',
  }),
  web: maybe(z.literal(false)).meta({ description: 'false: the web is not searched, even if a search is configured' }),
  checks: maybe(z.array(checkName).max(4)).meta({
    description: 'what must hold of the answer, besides the checks of its domain: cited, numbers, quotes, fresh: 90d',
  }),
  share: maybe(z.boolean()).meta({
    description:
      'whether the prompt of an answered ask becomes a prior, without a name; needs `ledger: { sharing: public }`. Absent: if the owner has agreed',
  }),
  priors: maybe(z.literal(true)).meta({ description: 'prompts that others have shared are searched, too' }),
  memory: maybe(z.union([z.literal(false), askedMemory])).meta({
    description: 'how the memory of the owner is used; false: not at all. Absent: all of it is searched',
  }),
  priority,
  id: maybe(givenId),
  budget: maybe(dollars).meta({ description: 'dollars that all asks of the thread may cost together' }),
})

const decisionRequest = z.strictObject({
  decision: z
    .enum(['accept', 'yield', 'loop'])
    .meta({ description: 'accept the proposal, finish with an answer, or start another cycle' }),
  target: maybe(z.enum(LOOP_TARGETS)).meta({
    description: 'first phase of the loop; absent: the proposed phase, else action',
  }),
  prompt: maybe(z.string().min(1).max(100_000)).meta({ description: 'what the loop should find out' }),
  thread: itsThread,
  id: maybe(givenId),
})

const consentAnswer = z.strictObject({
  message: z.number().int().min(1).meta({ description: 'number on the thread' }),
  answer: z.enum(CONSENT_ANSWERS),
})

const consentRequest = z.union([
  consentAnswer.extend({ thread: itsThread }),
  z
    .strictObject({ answers: z.array(consentAnswer).min(1).max(100), thread: itsThread })
    .meta({ description: 'for several messages at once' }),
])

/** Errors that end an ask for good: a retry does not help. */
const UNANSWERED = [
  ...(['refused', 'no_price', 'context_overflow', 'model_filtered', 'model_rejected', 'model_unauthorized'] as const),
  ...(['model_forbidden', 'model_quota_spent', 'model_not_found', 'model_url_not_found', 'model_untrusted'] as const),
  'model_malformed_call',
] as const

/** Asks: ask and wait for the answer, follow events, decide how to continue, consent to summaries. */
export const ASKS = describe(
  { ...threadOperations, ...decisionOperations },
  {
    'threads.ask': {
      scope: 'ask',
      summary: 'Ask and wait for the answer',
      params: z.object({ thread: threadName }),
      body: askRequest,
      idempotent: true,
      answer: { about: 'the answer', schema: answered },
      errors: [
        ...(['not_found', 'no_eligible_model', 'unknown_domain', 'unknown_tool', 'tool_closed'] as const),
        ...(['local_only', 'id_taken'] as const),
        ...UNANSWERED,
        ...(['busy', 'stopped', 'storage'] as const),
      ],
    },
    'threads.askEvents': {
      scope: 'read',
      summary: 'Follow an ask',
      params: z.object({ thread: threadName, ask: id }),
      query: eventsQuery,
      answer: events('durable events with a number, model deltas between them; ends with ask-end', OVER),
      errors: ['not_found'],
    },
    'threads.trace': {
      scope: 'read',
      summary: 'Show all that the phases of an ask did: hits, calls, models, money, decisions, receipts',
      query: z.object({ thread: itsThread }),
      answer: { about: 'the ask, as far as it is', schema: askTrace },
      errors: ['not_found'],
    },
    'inbox.decide': {
      scope: 'ask',
      summary: 'Decide how a waiting ask continues',
      body: decisionRequest,
      idempotent: true,
      answer: { about: 'the ask continues', schema: decided },
      errors: ['not_found', 'not_waiting', 'no_more_cycles'],
    },
    'inbox.consent': {
      scope: 'ask',
      summary: 'Decide how prompts show long messages',
      description:
        'Applies from the next cycle on, also of an ask that is running. `keep` shows the whole message. `summarise` shows a summary of at most 200 characters (100 for an answer). `remove` leaves it out, `restore` brings it back. The thread itself keeps the whole text.',
      body: consentRequest,
      answer: { about: 'the messages with their new state', schema: listOf(consented) },
      errors: ['not_found'],
    },
  },
)

import { z } from 'zod'
import { cachedFields, maybe, type Plain, problem, time } from '../../../document.ts'
import { entryFields } from '../../../ledger/entry.ts'
import { fileRef } from '../../../lib/media/file-schema.ts'
import { decisionProposal } from '../../protocol/ask-state.ts'
import { VISIBILITIES } from '../../protocol/context-operations.ts'
import { PHASES } from '../../protocol/phase-types.ts'
import { answerText, checks, citation, consentQuestion, degraded, domain, parts, shared, unsure } from './answer.ts'
import { inboxItem } from './inbox.ts'

const usage = z.object({
  input: z.number(),
  output: z.number(),
  ...cachedFields,
  estimated: maybe(z.literal(true)),
})

const summary = {
  id: z.string(),
  owner: z.string(),
  name: maybe(z.string()),
  status: z.string().meta({ description: '`running`, or the status of the last ask' }),
  asked: z.number().meta({ description: 'number of asks' }),
  startedAt: time,
  updatedAt: time,
}

/** An entry in a list of threads. */
export const threadSummary = z.object(summary).meta({ id: 'ThreadSummary' })

/** A thread as a list shows it; times are in ms since the epoch. */
export type ThreadSummary = Plain<typeof threadSummary>

const inPrompts = z.enum(VISIBILITIES).meta({ description: 'how prompts show it; absent while no prompt uses it' })

const question = z.object(consentQuestion).meta({ id: 'ConsentQuestion' })

/**
 * Whether prompts may show a summary of a long message: its number, its
 * characters, the ask that asks, and since when (ms since the epoch).
 */
export type ConsentQuestion = Plain<typeof question>

const consents = maybe(z.array(question)).meta({
  description: 'open questions to the user: may prompts show a summary of a long message?',
})

/** How prompts show a message from now on. */
export const consented = z.object({ message: z.number(), inPrompts: z.enum(VISIBILITIES) }).meta({ id: 'Consented' })

/** How prompts show a message from the next cycle on. */
export type Consented = Plain<typeof consented>

const phase = z.object({
  phase: z.enum(PHASES),
  cycle: z.number(),
  status: z.enum(['running', 'completed', 'degraded', 'failed', 'skipped']),
  model: z.string(),
})

/** The state of one phase of an ask. */
export type PhaseDocument = Plain<typeof phase>

const files = maybe(z.array(fileRef)).meta({ description: 'files that came with it' })

const resultOf = maybe(z.object({ run: z.string(), calls: z.array(z.string()) })).meta({
  description: 'it brings the result of these calls of a run, and no person has written it',
})

/** An ask with its current status. */
export const askDocument = z
  .object({
    id: z.string(),
    thread: z.string(),
    n: z.number().meta({ description: 'number on the thread' }),
    prompt: z.string(),
    files,
    resultOf,
    status: z
      .enum(['queued', 'joined', 'running', 'completed', 'failed', 'cancelled'])
      .meta({ description: '`joined`: the goal of an earlier message answers it, too' }),
    agent: maybe(z.string()).meta({ description: 'the agent that answers; absent: the phases do' }),
    goal: maybe(z.string()).meta({ description: 'the goal of that agent' }),
    domain,
    answer: answerText,
    reply: maybe(z.string()).meta({
      description: 'its own reply, if its goal has also answered later messages, or was stopped; absent: the answer',
    }),
    notice: maybe(z.string()).meta({ description: 'the end of the answer, which its domain adds' }),
    answerFiles: maybe(z.array(fileRef)).meta({ description: 'files of its reply, which the model made' }),
    lacks: maybe(z.array(z.string())).meta({ description: 'what is missing in the answer, one sentence each' }),
    citations: z.array(citation),
    invalidCitations: z.array(z.string()),
    unsure,
    parts,
    checks,
    shared,
    degraded,
    phases: z.array(phase).meta({ description: 'the phases that have started; running ones come last' }),
    proposal: maybe(decisionProposal).meta({ description: 'the proposal that waits for a decision' }),
    cycles: z.number(),
    usage: usage.meta({ description: 'tokens; `estimated`: a provider did not report them' }),
    model: z.string(),
    problem: maybe(problem),
    askedAt: time,
    endedAt: maybe(time),
    consents,
  })
  .meta({ id: 'Ask' })

/** The present state of an ask; `askedAt` and `endedAt` are ms since the epoch. */
export type AskDocument = Plain<typeof askDocument>

const dollars = (description: string) => maybe(z.number().meta({ description }))

const hit = z.object({
  vid: z.string().meta({ description: 'mark by which the answer cites it' }),
  file: z.string().meta({ description: 'path, name or URL; of a record: its path, its URL, or its id' }),
  line: z.number(),
  endLine: z.number(),
  text: z.string(),
  score: z.number().meta({ description: '0 to 1' }),
  record: maybe(z.string()),
  at: maybe(z.string()).meta({ description: 'page or other place in the source' }),
})

const call = z.object({
  tool: z.string(),
  input: z.string(),
  status: z.string(),
  result: z.string().meta({ description: 'its beginning, or why there is none' }),
  run: maybe(z.string()).meta({ description: 'the run that made it' }),
})

const tracedPhase = z
  .object({
    phase: z.enum(PHASES),
    cycle: z.number(),
    status: z.enum(['running', 'completed', 'degraded', 'failed', 'skipped']),
    model: z.string(),
    text: maybe(z.string()).meta({ description: 'what it found, as prose' }),
    ms: maybe(z.number()),
    usage: maybe(usage),
    cost: dollars('as its provider charges, or by the price of its model; absent: not known'),
    hits: maybe(z.array(hit)),
    calls: maybe(z.array(call)),
    problem: maybe(problem),
  })
  .meta({ id: 'TracedPhase' })

const decision = z.object({
  cycle: z.number(),
  decision: z.enum(['yield', 'loop']),
  target: maybe(z.string()),
  reason: z.string(),
  at: time,
})

/** An ask with all that its phases did. */
export const askTrace = askDocument
  .extend({
    phases: z.array(tracedPhase).meta({ description: 'the phases that have started; running ones come last' }),
    decisions: z.array(decision).meta({ description: 'the decision after each cycle' }),
    cost: dollars('of all phases whose cost is known'),
    budget: maybe(z.object({ limit: z.number(), spent: z.number() })).meta({
      description: 'dollars: the budget of its thread, if one is set',
    }),
    receipts: z
      .array(z.object({ op: entryFields.op, n: entryFields.n, hash: entryFields.hash }))
      .meta({ description: 'the rewards that the ledger has booked for it' }),
    waits: z.array(inboxItem).meta({ description: 'what it waits for, as the inbox lists it' }),
  })
  .meta({ id: 'AskTrace' })

/** An ask with all that its phases did so far; times are ms since the epoch. */
export type AskTrace = Plain<typeof askTrace>
export type TracedPhase = AskTrace['phases'][number]

/** A thread with its newest asks. */
export const threadDocument = z
  .object({
    ...summary,
    asks: z.array(askDocument),
    files: maybe(z.array(fileRef)).meta({
      description: 'the newest files of its messages, of results of tools, and of its runs, at most 1000',
    }),
    consents,
  })
  .meta({ id: 'Thread' })

/** A thread with its newest hundred asks, in their order. */
export type ThreadDocument = Plain<typeof threadDocument>

/** A prompt or an answer. */
export const threadMessage = z
  .object({
    n: z.number(),
    ask: z.string().meta({ description: 'id of the ask' }),
    role: z.enum(['user', 'assistant']),
    text: z.string(),
    files,
    resultOf,
    at: maybe(time),
    inPrompts: maybe(inPrompts),
  })
  .meta({ id: 'Message' })

/** A message of a thread: a prompt or an answer. Numbers ascend, with gaps for missing answers. */
export type ThreadMessage = Plain<typeof threadMessage>

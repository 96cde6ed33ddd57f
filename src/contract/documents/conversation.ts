import { z } from 'zod'
import { VISIBILITIES } from '../../chain/protocol/context-operations.ts'
import { PHASES } from '../../chain/protocol/phase-types.ts'
import type {
  AskDocument,
  Consented,
  ThreadDocument,
  ThreadMessage,
  ThreadSummary,
} from '../../runtime/ports/threads.ts'
import { maybe, problem, time } from './basic.ts'
import { answerText, citation, consentQuestion, degraded, proposal, unsure } from './thread.ts'

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
export const threadSummary: z.ZodType<ThreadSummary> = z.object(summary).meta({ id: 'ThreadSummary' })

const inPrompts = z.enum(VISIBILITIES).meta({ description: 'how prompts show it; absent while no prompt uses it' })

const consents = maybe(z.array(z.object(consentQuestion).meta({ id: 'ConsentQuestion' }))).meta({
  description: 'open questions to the user: may prompts show a summary of a long message?',
})

/** How prompts show a message from now on. */
export const consented: z.ZodType<Consented> = z
  .object({ message: z.number(), inPrompts: z.enum(VISIBILITIES) })
  .meta({ id: 'Consented' })

const phase = z.object({
  phase: z.enum(PHASES),
  cycle: z.number(),
  status: z.enum(['running', 'completed', 'degraded', 'failed', 'skipped']),
  model: z.string(),
})

/** An ask with its current status. */
export const askDocument: z.ZodType<AskDocument> = z
  .object({
    id: z.string(),
    thread: z.string(),
    n: z.number().meta({ description: 'number on the thread' }),
    prompt: z.string(),
    status: z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']),
    answer: answerText,
    citations: z.array(citation),
    invalidCitations: z.array(z.string()),
    unsure,
    degraded,
    phases: z.array(phase),
    proposal: maybe(proposal).meta({ description: 'the proposal that waits for a decision' }),
    cycles: z.number(),
    usage: z.object({ input: z.number(), output: z.number() }).meta({ description: 'tokens' }),
    model: z.string(),
    problem: maybe(problem),
    askedAt: time,
    endedAt: maybe(time),
    consents,
  })
  .meta({ id: 'Ask' })

/** A thread with its newest asks. */
export const threadDocument: z.ZodType<ThreadDocument> = z
  .object({ ...summary, asks: z.array(askDocument), consents })
  .meta({ id: 'Thread' })

/** A prompt or an answer. */
export const threadMessage: z.ZodType<ThreadMessage> = z
  .object({
    n: z.number(),
    ask: z.string().meta({ description: 'id of the ask' }),
    role: z.enum(['user', 'assistant']),
    text: z.string(),
    at: maybe(time),
    inPrompts: maybe(inPrompts),
  })
  .meta({ id: 'Message' })

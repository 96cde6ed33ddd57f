import { z } from 'zod'
import { maybe, type Plain, time } from '../../../document.ts'
import { type CycleDecision, LOOP_TARGETS } from '../../protocol/cycle-decision.ts'
import { PHASES } from '../../protocol/phase-types.ts'

const quote = {
  line: z.number(),
  endLine: z.number(),
  text: z.string(),
  at: maybe(z.string()).meta({ description: 'page or other place in the source; lines are then those of the record' }),
}

/** The place in a retrieved text that supports an answer. */
export const citation = z
  .object({
    vid: z.string().meta({ description: 'mark in the answer' }),
    source: z.string(),
    file: z.string().meta({
      description: 'path or name; of a record: its path, its URL, or its id; of a result of a tool: the run',
    }),
    ...quote,
    quotes: maybe(z.array(z.object(quote))).meta({
      description: 'the place of each of its marks in the answer, in their order; absent: it is the same for all',
    }),
    record: maybe(z.string()).meta({ description: 'the record of the memory that was found' }),
    prior: maybe(z.literal(true)).meta({ description: 'the record is a prompt that somebody has shared' }),
    tool: maybe(z.string()).meta({ description: 'the tool whose result it is' }),
  })
  .meta({ id: 'Citation' })

export const answerText = z
  .string()
  .meta({ description: '`<vid>v1</vid>` follows the statement that the citation `v1` supports' })

export const domain = maybe(z.string()).meta({
  description: 'the domain, if the ask named one or had one chosen; the answer ends with its notice',
})

/** Phases that worked with reduced quality, with the reason. */
export const degraded = z.array(
  z.object({
    phase: z.enum(PHASES),
    reason: z.string(),
    completed: maybe(z.literal(true)).meta({ description: 'the phase completed, and the reason says what is missing' }),
    declined: maybe(z.literal(true)).meta({ description: 'the model found nothing for this phase' }),
  }),
)

export const unsure = maybe(z.literal(true)).meta({
  description: 'the texts mention the subject, but the model is not sure that this is the answer',
})

export const parts = maybe(
  z.array(
    z.object({
      question: z.string(),
      answered: z.boolean(),
      cites: z.array(z.string()).meta({ description: 'marks in the answer that support this part' }),
    }),
  ),
).meta({ description: 'the parts of the question, and whether a text answers each; absent: it has one part' })

export const checks = maybe(
  z.array(
    z.object({
      check: z.string(),
      faults: z.array(z.string()).meta({ description: 'what is wrong, a sentence each; none: the check passed' }),
    }),
  ),
).meta({ description: 'the results of the checks of the answer; absent: it has none' })

export const shared = maybe(z.enum(['asked', 'agreed'])).meta({
  description:
    'its prompt is shared: the ask said so, or its owner has agreed once, if the owner still does. Absent: it is not',
})

export const answered = z
  .object({
    id: z.string(),
    thread: z.string(),
    status: z.string(),
    domain,
    answer: answerText,
    citations: z.array(citation),
    basis: z.enum(['texts', 'no source']).meta({
      description:
        'texts: the answer cites texts, records or results of tools; no source: the model answered from its own knowledge',
    }),
    unsure,
    parts,
    checks,
    shared,
    degraded,
    model: z.string(),
  })
  .meta({ id: 'Answer' })

/**
 * An ask's answer. Its citations were retrieved from the texts for this ask. `<vid>v1</vid>` in the text follows what
 * the citation of that `vid` supports. `degraded` names the parts that were not done properly.
 */
export type Answer = Plain<typeof answered>

/** A question to the user: may prompts show a summary of a long message? */
export const consentQuestion = {
  message: z.number().meta({ description: 'number on the thread' }),
  ask: z.string().meta({ description: 'id of the ask' }),
  length: z.number().meta({ description: 'length in characters' }),
  since: time,
}

const target = z.enum(LOOP_TARGETS)

export const decided = z
  .object({
    thread: z.string().meta({ description: 'thread with the events and the answer' }),
    decision: z.enum(['yield', 'loop']),
    reason: z.string(),
    target: maybe(target),
    prompt: maybe(z.string()),
  })
  .meta({ id: 'Decided' }) as z.ZodType<Decided>

/** A decision and its thread. */
export type Decided = CycleDecision & { readonly thread: string }

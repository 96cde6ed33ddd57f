import { z } from 'zod'
import type { DecisionProposal } from '../../chain/protocol/ask-state.ts'
import { PHASES } from '../../chain/protocol/phase-types.ts'
import { LOOP_TARGETS } from '../../chain/protocol/recursion.ts'
import { type Answer, BASES, type Decided } from '../../runtime/ports/threads.ts'
import { maybe, time } from './basic.ts'

/** Where in what was retrieved an answer was found. */
export const citation = z
  .object({
    vid: z.string().meta({ description: 'the mark in the answer' }),
    source: z.string(),
    file: z.string(),
    line: z.number(),
    endLine: z.number(),
    text: z.string(),
  })
  .meta({ id: 'Citation' })

/** The text of an answer. */
export const answerText = z
  .string()
  .meta({ description: '`<vid>v1</vid>` follows what the citation of that `vid` supports' })

/** What could not be done properly, and why. */
export const degraded = z.array(z.object({ phase: z.enum(PHASES), reason: z.string() }))

/** Whether an answer may be none. */
export const unsure = maybe(z.literal(true)).meta({
  description: 'the texts speak of what is asked, and the model is not sure that this answers it',
})

/** What a question came to. */
export const answered: z.ZodType<Answer> = z
  .object({
    id: z.string(),
    thread: z.string(),
    status: z.string(),
    answer: answerText,
    citations: z.array(citation),
    basis: z.enum(BASES).meta({
      description: 'texts: it cites them; no source: no text was given, and the model answered from what it knows',
    }),
    unsure,
    degraded,
    model: z.string(),
  })
  .meta({ id: 'Answer' })

/** Whether prompts may have a summary of a long message. */
export const consentQuestion = {
  message: z.number().meta({ description: 'its number on the thread' }),
  ask: z.string().meta({ description: 'the question that asks' }),
  length: z.number().meta({ description: 'its characters' }),
  since: time,
}

const target = z.enum(LOOP_TARGETS)

/** What is proposed for a question that waits for a decision. */
export const proposal: z.ZodType<DecisionProposal> = z
  .object({
    decision: z.enum(['yield', 'loop']),
    target: maybe(target).meta({ description: 'of a loop: where it would begin' }),
    prompt: maybe(z.string()).meta({ description: 'of a loop: what it would be told to find out' }),
    reason: z.string(),
    confidence: z.number().meta({ description: '0 to 1' }),
    gaps: z.array(z.string()).meta({ description: 'what is still missing' }),
    cycle: z.number(),
    mayLoop: z.boolean().meta({ description: 'whether there may be another cycle' }),
  })
  .meta({ id: 'Proposal' })

/** What was decided. */
export const decided = z
  .object({
    thread: z.string().meta({ description: 'where its events and its answer are' }),
    decision: z.enum(['yield', 'loop']),
    reason: z.string(),
    target: maybe(target),
    prompt: maybe(z.string()),
  })
  .meta({ id: 'Decided' }) as unknown as z.ZodType<Decided>

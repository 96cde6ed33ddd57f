import { z } from 'zod'
import { maybe, type Plain, time } from '../../document.ts'

/** A prior. It does not name its author. */
export const prior = z
  .object({ id: z.string(), text: z.string(), at: time.meta({ description: 'when it was shared' }) })
  .meta({ id: 'Prior' })

/** A shared prompt. `at` in ms since the epoch. */
export type Prior = Plain<typeof prior>

const amount = z.string().meta({ description: 'base units; 1000000000 are a CHOIR' })

export const askRewards = z
  .object({
    ask: z.string(),
    shared: maybe(
      z.object({
        status: z.enum(['copied', 'duplicate', 'not_comparable', 'failed']),
        isOpen: maybe(z.literal(true)).meta({ description: 'it is compared later, and nothing is paid before' }),
        maxSimilarity: maybe(z.number()).meta({ description: 'to the most similar prior, 0 to 1' }),
        by: maybe(z.enum(['words', 'vectors'])).meta({ description: 'what was compared for it' }),
        reason: maybe(z.string()).meta({ description: 'why the prompt was not shared' }),
      }),
    ).meta({ description: 'absent: the ask shared nothing' }),
    agreed: maybe(z.literal(true)).meta({ description: 'it shared its prompt because its owner has agreed once' }),
    retrieved: maybe(z.array(z.string())).meta({
      description: 'the priors that it found; no other citation of it is paid. Absent: it searched none',
    }),
    prior: maybe(z.string()).meta({ description: 'the copy of the prompt' }),
    novelty: amount,
    citations: z.array(
      z.object({
        record: z.string(),
        status: z.enum(['paid', 'self_citation', 'unknown_record', 'over_limit']),
        amount,
      }),
    ),
  })
  .meta({ id: 'AskRewards' })

export const sharing = z
  .object({
    owner: z.string(),
    agreed: z.boolean().meta({ description: 'whether asks share their prompts unless they say otherwise' }),
    at: maybe(time).meta({ description: 'since when' }),
  })
  .meta({ id: 'Sharing' })

/** Whether the prompts of an owner are shared. `at` in ms since the epoch. */
export type Sharing = Plain<typeof sharing>

/** The rewards of an ask: its prompt, and the priors that its answer cites. */
export type AskRewardsDocument = Plain<typeof askRewards>

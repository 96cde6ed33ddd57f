import { z } from 'zod'
import { PHASES } from '../../chain/types.ts'
import type { Answer } from '../../runtime.ts'

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

/** What could not be done properly, and why. */
export const degraded = z.array(z.object({ phase: z.enum(PHASES), reason: z.string() }))

/** What a question came to. */
export const answered: z.ZodType<Answer> = z
  .object({
    id: z.string(),
    thread: z.string(),
    status: z.string(),
    answer: z.string(),
    citations: z.array(citation),
    degraded,
    model: z.string(),
  })
  .meta({ id: 'Answer' })

import { z } from 'zod'
import { maybe, type Plain, time } from '../../document.ts'
import { NOTICE_EVENTS } from '../item.ts'

const reason = z.object({ code: z.string(), message: z.string(), hint: maybe(z.string()) })

export const noticeDocument = z
  .object({
    id: z.string().meta({ description: 'name of its actor' }),
    status: z.enum(['pending', 'failed']).meta({ description: 'failed: given up after a day; a dead letter has it' }),
    receiver: z.string().meta({ description: 'address of the receiver without its path' }),
    event: z.enum(NOTICE_EVENTS),
    about: z.string().meta({ description: 'the run, goal or ask' }),
    owner: z.string(),
    since: time,
    attempts: z.number(),
    reminder: maybe(z.literal(true)),
    problem: maybe(reason).meta({ description: 'why the last attempt failed' }),
  })
  .meta({ id: 'Notice' })

/** A message that its receiver has not taken yet; times in ms since the epoch. */
export type NoticeDocument = Plain<typeof noticeDocument>

export const noticeTrial = z
  .object({
    receiver: z.string().meta({ description: 'address of the receiver without its path' }),
    ok: z.boolean(),
    status: maybe(z.number()).meta({ description: 'status of the answer' }),
    problem: maybe(reason),
  })
  .meta({ id: 'NoticeTrial' })

/** The outcome of a test message. */
export type NoticeTrial = Plain<typeof noticeTrial>

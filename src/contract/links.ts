import { z } from 'zod'
import { LINK_KINDS } from '../access/link.ts'
import { signalNameSchema } from '../pipeline/plan/messages/run.ts'
import { newLink } from './documents/access.ts'
import { id, json } from './documents/basic.ts'
import { describe } from './operation.ts'

const DAY = 24 * 3_600_000

const linkRequest = z.strictObject({
  signal: signalNameSchema.meta({ description: 'signal to send; the inbox lists the signal of each waiting step' }),
  kind: z.enum(LINK_KINDS).meta({ description: 'approval shows a form; webhook accepts any JSON' }),
  ttl: z
    .int()
    .min(1000)
    .max(90 * DAY)
    .default(7 * DAY)
    .meta({ description: 'lifetime in ms' }),
})

const params = z.object({ link: z.string().min(1).max(200).meta({ description: 'secret last part of the address' }) })

/** Links: a person without a key answers a waiting run. */
export const LINKS = describe({
  'access.links.create': {
    scope: 'run',
    summary: 'Create a link that sends one signal once, without a key',
    params: z.object({ run: id }),
    body: linkRequest,
    idempotent: true,
    answer: { about: 'the link; only this answer contains the address', status: 201, schema: newLink },
    errors: ['not_found', 'run_over', 'id_taken'],
  },
  'access.links.page': {
    scope: null,
    summary: 'Show the page of a link: the question and a form to answer it',
    params,
    answer: { about: 'the page', type: 'text/html' },
  },
  'access.links.use': {
    scope: null,
    summary: 'Use a link to send its signal; if the run rejects the value, the link stays usable',
    params,
    body: json,
    answer: { about: 'the run has received the signal', schema: z.object({ status: z.string() }) },
    errors: ['not_found', 'link_used', 'link_over', 'not_waiting', 'bad_value'],
  },
})

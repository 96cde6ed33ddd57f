import { z } from 'zod'
import { LINK_KINDS } from '../../access/link.ts'
import { is, verdictOf } from '../../errors.ts'
import { signalNameSchema } from '../../pipeline/plan/messages/run.ts'
import { FORM_TYPE, unsupported } from '../routing/body.ts'
import { type Route, route } from '../routing/route.ts'
import { newLink } from '../schemas/access.ts'
import { id, json } from '../schemas/basic.ts'
import { answerIn, linkPage, tellPage } from './link-page.ts'

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
export const linkRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/runs/{run}/links',
    scope: 'run',
    summary: 'Create a link that sends one signal once, without a key',
    params: z.object({ run: id }),
    body: linkRequest,
    idempotent: true,
    answer: { about: 'the link; only this answer contains the address', status: 201, schema: newLink },
    errors: ['not_found', 'run_over', 'id_taken'],
    async handle({ runtime, params, body, made }) {
      const { token, ...link } = await runtime.access.links.create({
        ...{ ...params, ...body },
        ...(made && { id: made.slice(0, 16) }),
      })
      return { ...link, url: `/v1/links/${token}` }
    },
  }),
  route({
    method: 'get',
    path: '/links/{link}',
    scope: null,
    summary: 'Show the page of a link: the question and a form to answer it',
    params,
    answer: { about: 'the page', type: 'text/html' },
    handle: ({ runtime, params }) => shown(async () => linkPage(await runtime.access.links.read(params.link))),
  }),
  route({
    method: 'post',
    path: '/links/{link}',
    scope: null,
    summary: 'Use a link to send its signal; if the run rejects the value, the link stays usable',
    params,
    form: answerIn,
    body: json,
    answer: { about: 'the run has received the signal', schema: z.object({ status: z.string() }) },
    errors: ['not_found', 'link_used', 'link_over', 'not_waiting', 'bad_value'],
    async handle({ runtime, params, body, header, actsFor }) {
      async function use(): Promise<{ readonly status: string }> {
        const { link, status } = await runtime.access.links.use(params.link, body)
        actsFor(link.owner, `/v1/links/${link.id}`)
        return { status }
      }
      if (!header('content-type')?.startsWith(FORM_TYPE)) return use()
      return shown(async () => {
        // `curl -d` sends JSON as a form by default: reading it as a form would lose the value and
        // spend the link
        if ((await runtime.access.links.read(params.link)).kind === 'webhook') throw unsupported(FORM_TYPE)
        await use()
        return tellPage('Thank you', 'Your answer was received.')
      })
    },
  }),
]

/** Renders errors as a page, because a person reads them. */
async function shown(page: () => Promise<Response>): Promise<Response> {
  try {
    return await page()
  } catch (error) {
    if (!is(error)) throw error
    return tellPage('This did not work', error.message, verdictOf(error).status)
  }
}

import { LINKS, LOGINS } from '../../access/room/contract.ts'
import { verdictOf } from '../../contract/error-codes.ts'
import { is } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { present } from '../../lib/json/present.ts'
import { FORM_TYPE, unsupported } from '../routing/body.ts'
import { handlers } from '../routing/route.ts'
import { BY, saidBy } from '../wire/by-header.ts'
import { inTime } from './approval.ts'
import { answerIn, linkPage, tellPage } from './link-page.ts'
import { idUnder } from './plain.ts'

/** Doors for people without a key: links answer a waiting run, and a login makes a key. */
export const accessHandlers = handlers(
  { ...LINKS, ...LOGINS },
  {
    async 'access.logins.open'({ runtime, body, actsFor }) {
      const key = await runtime.access.logins.open(body)
      actsFor(key.owner, '/v1/login')
      return key
    },
    async 'access.links.create'({ runtime, params, body, made, mountedAt }) {
      const { token, ...link } = await runtime.access.links.create({
        ...params,
        ...body,
        ...idUnder(LINKS['access.links.create'], made),
      })
      return { ...link, url: `${mountedAt}/v1/links/${token}` }
    },
    'access.links.page': ({ runtime, params }) =>
      shown(async () => linkPage(await runtime.access.links.read(params.link))),
    'access.links.use': {
      admit({ runtime, params, header }) {
        const check = async () => void (await runtime.access.links.read(params.link))
        return isForm(header) ? shown(check) : check()
      },
      form: (form) => new FormAnswer(answerIn(form), form.get('by') ?? '') as never,
      async handle({ runtime, params, body, header, actsFor }) {
        const { value, typed } = FormAnswer.is(body) ? body : { value: body, typed: saidBy(header(BY)).as }
        async function use(): Promise<{ readonly status: string }> {
          const { link, status } = await runtime.access.links.use(params.link, value, present({ typed }))
          actsFor(link.owner, `/v1/links/${link.id}`)
          return inTime(Promise.resolve({ status }))
        }
        if (!isForm(header)) return use()
        return shown(async () => {
          // `curl -d` sends JSON as a form by default: reading it as a form would lose the value and spend the link
          if ((await runtime.access.links.read(params.link)).kind === 'webhook') throw unsupported(FORM_TYPE)
          await use()
          return tellPage('Thank you', 'Your answer was received.')
        })
      },
    },
  },
)

/** The value and the name in a form. */
class FormAnswer {
  readonly value: Json
  readonly typed: string
  readonly #mark = true
  /** Whether a body came as a form. */
  static is(body: unknown): body is FormAnswer {
    return typeof body === 'object' && body !== null && #mark in body
  }
  constructor(value: Json, typed: string) {
    this.value = value
    this.typed = typed
  }
}

const isForm = (header: (name: string) => string | undefined) => header('content-type')?.startsWith(FORM_TYPE) === true

/** Renders errors as a page, because a person reads them. */
async function shown<Page extends Response | void>(page: () => Promise<Page>): Promise<Page | Response> {
  try {
    return await page()
  } catch (error) {
    if (!is(error)) throw error
    return tellPage('This did not work', error.message, verdictOf(error).status)
  }
}

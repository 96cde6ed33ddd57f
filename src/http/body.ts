import type { HonoRequest } from 'hono'
import { InvalidError, TerminalError } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i

/** How a browser sends what stands in a form. */
export const FORM_TYPE = 'application/x-www-form-urlencoded'

/** Makes a body of what stands in a form. */
export type ReadForm = (form: URLSearchParams) => Json

/** The request's body as JSON, or of a form where one may be sent. */
export async function readBody(request: HonoRequest, readForm: ReadForm | undefined): Promise<unknown> {
  if (!readForm || !request.header('content-type')?.startsWith(FORM_TYPE)) return readJson(request)
  return readForm(new URLSearchParams(await request.text()))
}

/** The request's JSON body; of none an empty object. Only what says that it is JSON is read: a page of another origin cannot send that unasked. */
export async function readJson(request: HonoRequest): Promise<unknown> {
  const text = await request.text()
  if (text === '') return {}
  const type = request.header('content-type') ?? ''
  if (!JSON_TYPE.test(type)) throw unsupported(type)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InvalidError(`The body is not JSON: ${(cause as Error).message}.`, { cause })
  }
}

function unsupported(type: string): TerminalError {
  const said = type === '' ? 'of no type' : `of the type ${type.slice(0, 100)}`
  return new TerminalError(`The body is ${said}, and JSON is expected.`, {
    code: 'unsupported_type',
    hint: 'Send the header content-type: application/json.',
  })
}

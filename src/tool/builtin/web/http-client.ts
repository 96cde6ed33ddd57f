import { z } from 'zod'
import { InvalidError, problemOf, RetryableError } from '../../../errors.ts'
import { type Json, parseExact, rawJson } from '../../../kernel/json.ts'
import { whyNotJson } from '../../../lib/json/fault.ts'
import { isLongWhole } from '../../../lib/json/whole.ts'
import type { WebResponse } from '../../../web/request.ts'
import { badResult, wordsOf } from '../../bad-result.ts'
import { defineTool, servicesOf, type Tool, type ToolContext, ToolFailure } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { textEncodingInput } from '../filesystem/file-text.ts'
import { filePathInput, pathsAt } from '../filesystem/path.ts'
import { saveBytes } from '../filesystem/save.ts'
import { decodeBody, tellEncoding } from './decode-body.ts'

const scalar = z.union([z.string(), z.number(), z.boolean()])
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'expected the name of a header')
const headerValue = scalar.refine((value) => !/[\r\n\0]/.test(String(value)), 'a header is one line')

const shared = {
  url: z.string().min(1).max(8192),
  headers: z.record(headerName, headerValue).default({}),
  params: z.record(z.string(), z.union([scalar, z.array(scalar)])).default({}),
  timeout: z.number().positive().max(3600).default(30),
  max_bytes: z.int().positive().max(100_000_000).default(10_000_000),
  follow_redirects: z.boolean().default(true),
  fail_on_status: z.boolean().default(true),
  output_path: filePathInput.optional(),
  encoding: textEncodingInput,
}
const bodyless = z.strictObject(shared)
const withBody = z.strictObject({
  ...shared,
  json: anyJson.optional(),
  long_numbers: z
    .enum(['text', 'number'])
    .default('text')
    .describe('how `json` writes whole numbers beyond 2^53, which are texts of their digits here'),
  data: z.union([z.string(), z.record(z.string(), scalar)]).optional(),
})
type Call = z.infer<typeof withBody>

const output = z.object({
  url: z.string(),
  status_code: z.int(),
  ok: z.boolean(),
  headers: z.record(z.string(), z.string()),
  content_type: z.string(),
  response: anyJson,
  size: z.int(),
  encoding: z.string().exactOptional(),
  output_path: z.string().exactOptional(),
  elapsed: z.number(),
})
type HttpResult = z.infer<typeof output>

type Method = {
  readonly verb: string
  readonly description: string
  readonly effect: Tool['effect']
  readonly input: typeof bodyless | typeof withBody
}

const METHODS: readonly Method[] = [
  { verb: 'get', description: 'Fetches a URL', effect: 'idempotent', input: bodyless },
  { verb: 'head', description: 'Fetches the headers of a URL', effect: 'idempotent', input: bodyless },
  { verb: 'post', description: 'Sends data to a URL (at most once)', effect: 'at-most-once', input: withBody },
  { verb: 'put', description: 'Puts data at a URL', effect: 'idempotent', input: withBody },
  {
    verb: 'patch',
    description: 'Changes the resource at a URL (at most once)',
    effect: 'at-most-once',
    input: withBody,
  },
  { verb: 'delete', description: 'Deletes the resource at a URL', effect: 'idempotent', input: withBody },
]

/**
 * `http-client:get` and its siblings: one request to a public address, or to one that `web:` in antiphon.yaml opens.
 * `response` is the parsed body where it is JSON, otherwise its text; null where `output_path` takes the bytes, and for
 * bytes that are not a text. A status of 400 or more is a ToolFailure `http_status` with the same fields; 429, 502, 503
 * and 504 are retryable where the step may be repeated.
 */
export const httpTools: readonly Tool[] = METHODS.map(({ verb, description, effect, input }) =>
  defineTool({
    name: `http-client:${verb}`,
    description,
    input: input as typeof withBody,
    output,
    effect,
    paths: ['output_path'],
    changes: pathsAt(['output_path']),
    execute: (call, context) => send(verb.toUpperCase(), effect, call, context),
  }),
)

async function send(method: string, effect: Tool['effect'], call: Call, context: ToolContext): Promise<HttpResult> {
  const web = await servicesOf(context).web()
  const content = contentOf(call)
  // the server has acted, whatever becomes of its response
  const acts = method !== 'GET' && method !== 'HEAD'
  const response = await web
    .request({
      url: withParameters(call),
      method,
      headers: {
        ...(content && { 'content-type': content.type }),
        // the same key over all attempts of this call
        ...(effect === 'at-most-once' && { 'idempotency-key': context.idempotencyKey }),
        ...textValues(call.headers),
      },
      ...(content && { body: content.body }),
      timeout: call.timeout * 1000,
      maxBytes: call.max_bytes,
      manual: !call.follow_redirects,
      signal: context.signal,
    })
    .catch((error) => {
      if (!acts || !UNREAD.includes(problemOf(error).code)) throw error
      throw badResult(`The ${method} request`, wordsOf(error))
    })
  const result = await resultOf(response, call, context).catch((error) => {
    if (!acts || context.signal.aborted) throw error
    throw badResult(`The ${method} request`, wordsOf(error))
  })
  if (response.status >= 400 && call.fail_on_status) throw failureOf(method, effect, response, result)
  return result
}

/** The codes of a response that came, and could not be read. */
const UNREAD: readonly string[] = ['response_too_large', 'bad_response']

function withParameters({ url, params }: Call): string {
  const entries = Object.entries(params).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]))
  const target = entries.length === 0 ? undefined : URL.parse(url)
  if (!target) return url
  for (const [name, value] of entries) target.searchParams.append(name!, value!)
  return target.href
}

const textValues = (headers: Call['headers']) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]))

function contentOf({ json, data, long_numbers }: Call): { readonly type: string; readonly body: string } | undefined {
  if (json !== undefined && data !== undefined)
    throw new InvalidError('Expected json or data, got both.', { place: { path: 'data' } })
  if (json !== undefined)
    return { type: 'application/json', body: long_numbers === 'number' ? withLongNumbers(json) : JSON.stringify(json) }
  if (data === undefined) return undefined
  if (typeof data === 'string') return { type: 'text/plain; charset=utf-8', body: data }
  return { type: 'application/x-www-form-urlencoded', body: new URLSearchParams(textValuesOf(data)).toString() }
}

const withLongNumbers = (json: Json) =>
  JSON.stringify(json, (_name, value) => (isLongWhole(value) ? rawJson(String(BigInt(value))) : value))

const textValuesOf = (form: { readonly [name: string]: unknown }) =>
  Object.fromEntries(Object.entries(form).map(([name, value]) => [name, String(value)]))

async function resultOf(response: WebResponse, call: Call, context: ToolContext): Promise<HttpResult> {
  const { url, status, headers, body, elapsed } = response
  const type = headers['content-type'] ?? ''
  const saves = call.output_path !== undefined && status < 400
  if (saves) await saveBytes(call.output_path!, body, context)
  const read = saves ? undefined : decodeBody(body, { type, encoding: call.encoding })
  if (read) tellEncoding('the response', read, context)
  else if (!saves && body.length > 0) context.tell?.({ lacks: unreadable(type, body.length) })
  return {
    url,
    status_code: status,
    ok: status < 400,
    headers: { ...headers },
    content_type: type,
    response: read ? parsed(read.text, type, context) : null,
    size: body.length,
    ...(read && read.encoding !== 'utf-8' && { encoding: read.encoding }),
    ...(saves && { output_path: call.output_path! }),
    elapsed: Math.round(elapsed) / 1000,
  }
}

function parsed(text: string, type: string, { tell }: ToolContext): Json {
  if (!/[/+]json\b/i.test(type) || text.trim() === '') return text
  try {
    return parseExact(text) as Json
  } catch {
    // a server may call a page of text JSON
    tell?.({ warning: `the response is declared as ${type}, but it is not JSON and stays a text: ${whyNotJson(text)}` })
    return text
  }
}

const unreadable = (type: string, size: number) =>
  `the response has ${size} bytes of ${type || 'an unknown type'} that are not a text: set \`output_path\` to save them`

const RETRYABLE = [429, 502, 503, 504]

const STATUS_HINT = 'The step has the whole response. With `fail_on_status: false` it does not fail.'

function failureOf(
  method: string,
  effect: Tool['effect'],
  { url, status, headers }: WebResponse,
  result: HttpResult,
): Error {
  const { origin, pathname } = new URL(url)
  const message = `${method} ${origin}${pathname} answers ${status}.`
  if (!RETRYABLE.includes(status) || effect === 'at-most-once')
    return new ToolFailure(message, { code: 'http_status', hint: STATUS_HINT, result })
  const delay = retryAfter(headers['retry-after'])
  return new RetryableError(message, { code: 'http_status', ...(delay !== undefined && { delay }) })
}

const MAX_RETRY_AFTER_MS = 3_600_000

/** ms; the header says seconds, or a moment. */
function retryAfter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS)
}

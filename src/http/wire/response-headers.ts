import { randomUUID } from 'node:crypto'
import type { Context, Next } from 'hono'
import type { ProblemDocument } from '../../contract/documents/problem.ts'
import { jsonResponse } from './json.ts'
import { documentOf } from './problem.ts'

type Headers = { readonly [name: string]: string }

const GIVEN = /^[\w.:-]{1,128}$/

/** Adds the request id and collected headers to every response, including errors. */
export async function tellHeaders(context: Context, next: Next): Promise<void> {
  tellLater(context, headersFor(context.req.header('x-request-id')))
  await next()
  setAll(context.res, toldOf(context))
}

/** A response outside of the app, with the same headers as the app would add. */
export function toldBeside(response: Response): Response {
  setAll(response, headersFor(undefined))
  return response
}

function headersFor(id: string | undefined): Headers {
  return {
    'x-request-id': id !== undefined && GIVEN.test(id) ? id : randomUUID(),
    'x-content-type-options': 'nosniff',
  }
}

function setAll(response: Response, headers: Headers): void {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
}

export function tellLater(context: Context, headers: Headers): void {
  context.set('told', { ...toldOf(context), ...headers })
}

/** The id of a request, which connects its log lines with its response. */
export const requestIdOf = (context: Context): string => toldOf(context)['x-request-id'] ?? ''

const toldOf = (context: Context): Headers => (context.get('told') as Headers | undefined) ?? {}

export function problemResponse(error: unknown, isOwn = false): Response {
  const document = documentOf(error, isOwn)
  const headers = { 'content-type': 'application/problem+json', ...laterOf(document), ...schemeOf(document) }
  return jsonResponse(document, { status: document.status, headers })
}

/** Seconds after which to retry. */
function laterOf({ status, delay = 1000 }: ProblemDocument): { readonly 'retry-after'?: string } {
  if (status !== 429 && status !== 503) return {}
  return { 'retry-after': String(Math.max(1, Math.ceil(delay / 1000))) }
}

function schemeOf({ status }: ProblemDocument): { readonly 'www-authenticate'?: string } {
  return status === 401 ? { 'www-authenticate': 'Bearer' } : {}
}

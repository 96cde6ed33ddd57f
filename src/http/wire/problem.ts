import type { ProblemDocument } from '../../contract/documents/problem.ts'
import { verdictOf } from '../../contract/error-codes.ts'
import { type AntiphonError, errorOf, InvalidError, is, problemOf } from '../../errors.ts'
import { jsonResponse } from './json.ts'

/** The error as a document, without its stack. `isOwn`: with its details, for another process of the program. */
export function documentOf(error: unknown, isOwn = false): ProblemDocument {
  const { message, at: _, stack: __, bug: ___, details, ...problem } = problemOf(error)
  const { status } = verdictOf(problem)
  const title = TITLES[status] ?? 'Error'
  return {
    type: 'about:blank',
    title,
    status,
    detail: message,
    ...problem,
    ...(is(error, 'InvalidError') && { place: (error as InvalidError).place }),
    ...(isOwn && details && { details }),
  }
}

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

/** The error of a document, as it was thrown on the other side. */
export function thrownFrom({ detail, ...document }: ProblemDocument): AntiphonError {
  if (document.name !== 'InvalidError') return errorOf({ ...document, message: detail })
  return new InvalidError(detail, {
    code: document.code,
    place: document.place ?? {},
    ...(document.hint !== undefined && { hint: document.hint }),
  })
}

/** Titles of statuses. Listed here so that clients in any environment can read problems. */
const TITLES: { readonly [status: number]: string } = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  507: 'Insufficient Storage',
}

import type { ProblemDocument } from '../../contract/documents/problem.ts'
import { verdictOf } from '../../contract/error-codes.ts'
import { type AntiphonError, errorOf, InvalidError, is, problemOf } from '../../errors.ts'

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

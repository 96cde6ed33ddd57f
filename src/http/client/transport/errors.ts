import { RetryableError, TerminalError } from '../../../errors.ts'
import { EVENT_STREAM } from '../../../house/operation.ts'

/**
 * Checks that an antiphon server answered with one of these types (absent: any).
 * @throws RetryableError `unreachable` if a proxy reports that the server is down, else
 * TerminalError `no_server`
 */
export function checkAnswer(url: string, response: Response, types?: ReadonlySet<string | undefined>): void {
  const { status, ok, headers } = response
  const type = typeOf(response)
  if (type === 'application/problem+json' || (ok && (types?.has(type) ?? true))) return
  if (status >= 502 && status <= 504) throw unreachable(url, `a proxy answered with status ${status}`)
  const location = headers.get('location')
  if (status >= 300 && status < 400 && location !== null)
    throw new TerminalError(`${url} redirects to ${location}.`, {
      code: 'no_server',
      hint: 'Name that server instead.',
    })
  throw new TerminalError(
    `No antiphon server answers at ${url}: the response with status ${status} is not from antiphon.`,
    {
      code: 'no_server',
      hint: 'Use the address of the server, without /v1.',
    },
  )
}

/** The content type of a response; 204 counts as an event stream without events. */
export function typeOf({ status, headers }: Response): string | undefined {
  return status === 204 ? EVENT_STREAM : headers.get('content-type')?.split(';')[0]
}

/** The error if the server does not answer. */
export function unreachable(url: string, why: string, cause?: unknown): RetryableError {
  const hint = 'Look whether it runs, and whether this is its address: antiphon serve --listen [HOST:]PORT'
  const message = `The server at ${url} does not answer: ${why}.`
  return new RetryableError(message, { code: 'unreachable', hint, ...(cause !== undefined && { cause }) })
}

/** The error if the process on the other side has ended. */
export function ownerGone(cause?: unknown): RetryableError {
  const options = { code: 'owner_gone', ...(cause !== undefined && { cause }) }
  return new RetryableError('The process that was doing the work has ended.', options)
}

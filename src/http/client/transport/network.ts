import { is, TerminalError } from '../../../errors.ts'
import { EVENT_STREAM, NDJSON } from '../../../house/operation.ts'
import { checkAnswer, unreachable } from './errors.ts'
import { exchange, type Target } from './node-http.ts'
import { headersOf, serverUrl } from './server-url.ts'
import { isFileAnswer, isStreamedAnswer } from './streamed.ts'
import type { Fetch } from './unix-socket.ts'

type Server = { readonly url: string; readonly key?: string }

/** ms: three times the longest silence of a server */
const QUIET = 45_000

/**
 * Sends requests over the network.
 * @throws RetryableError `unreachable` if the connection fails or a proxy reports that the server
 * is down; other errors if the answer is not from antiphon; InvalidError for an invalid URL or key
 */
export function networkFetch({ url, key }: Server): Fetch {
  const { pathname: prefix, ...target } = targetOf(url)
  const headers = headersOf(key)
  return async (request) => {
    const { pathname, search } = new URL(request.url)
    try {
      const response = await exchange({ ...target, headers, path: prefix + pathname + search }, request, QUIET)
      if (!isFileAnswer(response)) checkAnswer(url, response, TYPES)
      return await complete(response)
    } catch (cause) {
      throw request.signal.aborted || is(cause) ? cause : notReached(url, cause)
    }
  }
}

function targetOf(given: string): Target & { readonly pathname: string } {
  const { protocol, hostname, port, pathname } = serverUrl(given)
  return {
    secure: protocol === 'https:',
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port,
    pathname: pathname.replace(/\/$/, ''),
  }
}

/** Events, lines and files are passed on as they arrive; any other response is complete, or fails. */
async function complete(response: Response): Promise<Response> {
  if (isStreamedAnswer(response)) return response
  const { status, headers } = response
  return new Response(response.body && (await response.arrayBuffer()), { status, headers })
}

const TYPES: ReadonlySet<string | undefined> = new Set([EVENT_STREAM, NDJSON, 'application/json', 'text/plain'])

function notReached(url: string, cause: unknown): Error {
  const { code = '', message } = cause as NodeJS.ErrnoException
  if (CERTIFICATE.test(code))
    return new TerminalError(`The certificate of ${url} is not trusted: ${message}.`, {
      code: 'no_server',
      hint: 'Set NODE_EXTRA_CA_CERTS=FILE to trust your own certificate authority.',
      cause,
    })
  return unreachable(url, WHY[code] ?? (code || message), cause)
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/

const WHY: { readonly [code: string]: string } = {
  ECONNREFUSED: 'no server listens there',
  ENOTFOUND: 'there is no machine of that name',
  EAI_AGAIN: 'the name of the machine cannot be looked up now',
  ECONNRESET: 'the connection broke off',
  ETIMEDOUT: 'nothing came back in time',
  EHOSTUNREACH: 'there is no way to that machine',
  ENETUNREACH: 'there is no way to that network',
  EPROTO: 'it does not speak TLS: perhaps http:// is meant',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS: perhaps http:// is meant',
  HPE_INVALID_CONSTANT: 'it speaks no HTTP: perhaps https:// is meant',
}

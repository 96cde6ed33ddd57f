import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CancelledError, TimeoutError } from '../../../errors.ts'
import { plainText } from '../settings.ts'
import { loginRefused } from './failure.ts'

/** ms in which a person must sign in. */
const SIGN_IN_MS = 600_000

/** A port of this machine at which the browser reports how a login ended. */
interface Callback {
  readonly url: string
  /** The code and the issuer; TerminalError `login_refused` for a refusal, or for an answer to another request. */
  answer(signal: AbortSignal): Promise<{ readonly code: string; readonly iss: string | undefined }>
  close(): void
}

/** Listens on a free port for the answer to a request with that `state`. */
export async function openCallback(name: string, state: string): Promise<Callback> {
  const { promise, resolve, reject } = Promise.withResolvers<{ code: string; iss: string | undefined }>()
  promise.catch(() => {})
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const say = (status: number, text: string) => {
      const headers = {
        'content-type': 'text/plain; charset=utf-8',
        connection: 'close',
        'referrer-policy': 'no-referrer',
      }
      response.writeHead(status, headers).end(`${text}\n`)
    }
    if (request.method !== 'GET' || pathname !== PATH) return say(404, 'Nothing is here.')
    const code = searchParams.get('code')
    const refused = refusalIn(name, state, searchParams)
    if (refused || code === null) {
      say(400, 'antiphon refuses this answer. The terminal says why.')
      return reject(refused)
    }
    say(200, `antiphon has the answer of the login to ${name}. You can close this window.`)
    resolve({ code, iss: searchParams.get('iss') ?? undefined })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`,
    async answer(signal) {
      const late = setTimeout(
        () => reject(new TimeoutError(`Nobody signed in to ${name} within 10 minutes.`)),
        SIGN_IN_MS,
      )
      const cancel = () => reject(new CancelledError(`The login to ${name} was cancelled.`))
      signal.addEventListener('abort', cancel, { once: true })
      if (signal.aborted) cancel()
      return promise.finally(() => {
        clearTimeout(late)
        signal.removeEventListener('abort', cancel)
      })
    },
    close() {
      server.close()
      // a browser may hold a connection without a request
      setTimeout(() => server.closeAllConnections(), 1000).unref()
    },
  }
}

const PATH = '/callback'

function refusalIn(name: string, state: string, given: URLSearchParams): Error | undefined {
  if (given.get('state') !== state)
    return loginRefused(name, 'the answer has another `state` than the request', 'run the command again')
  const error = given.get('error')
  const said = plainText([error, given.get('error_description')].filter(Boolean).join(': '), 300)
  if (error === 'access_denied')
    return loginRefused(name, `consent was denied (${said})`, 'run the command again, and consent')
  if (error !== null) return loginRefused(name, said, 'check `oauth:` of this server')
  if (!given.get('code'))
    return loginRefused(name, 'expected a code in the answer, found none', 'run the command again')
  return undefined
}

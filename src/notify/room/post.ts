import { is, TerminalError } from '../../errors.ts'
import type { Web, WebResponse } from '../../web/request.ts'
import { signedHeaders } from '../signature.ts'
import type { NoticeNeeds } from './needs.ts'
import type { KnownReceiver } from './receivers.ts'

/** A message for a receiver. `at`: ms since the epoch. */
type Message = { readonly id: string; readonly at: number; readonly body: string }

/** Sends messages. `close` ends all connections. */
interface Poster {
  /** Resolves with the status of the answer. Throws when there is none, or when the address is closed. */
  post(receiver: KnownReceiver, key: Buffer, message: Message, signal: AbortSignal): Promise<number>
  close(): Promise<void>
}

/** ms for an answer. */
const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 1_000_000
/** These keep the method and the body. */
const REDIRECTS = [307, 308]
const MAX_REDIRECTS = 3

/** Opens the way to receivers, each with the hosts that it allows. Nothing is loaded before the first message. */
export function createPoster({ web: settings }: Pick<NoticeNeeds['config'], 'web'>): Poster {
  const webs = new Map<string, Promise<Web>>()

  function webOf({ id, url, allow = [] }: KnownReceiver): Promise<Web> {
    const known = webs.get(id)
    if (known) return known
    const port = portOf(url)
    const { proxy } = settings ?? {}
    const options = { allow, ports: port === undefined ? [] : [port], ...(proxy !== undefined && { proxy }) }
    const opened = import('../../web/request.ts').then(({ createWeb }) => createWeb(options))
    webs.set(id, opened)
    return opened
  }

  async function send(receiver: KnownReceiver, key: Buffer, message: Message, signal: AbortSignal) {
    const web = await webOf(receiver)
    const { id, at, body } = message
    const headers = { 'content-type': 'application/json', ...signedHeaders(key, id, at, body) }
    for (let url = receiver.url, hops = 0; ; hops++) {
      const request = { url, method: 'POST', headers, body, timeout: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES }
      const response = await web.request({ ...request, manual: true, signal })
      if (response.status < 300 || response.status > 399) return response.status
      url = redirected(receiver, response, hops)
    }
  }

  return {
    async post(receiver, key, message, signal) {
      try {
        return await send(receiver, key, message, signal)
      } catch (error) {
        throw is(error) && error.code === 'address_refused' ? refusedBy(receiver, error) : error
      }
    },
    async close() {
      const all = [...webs.values()]
      webs.clear()
      await Promise.all(all.map(async (web) => (await web).close()))
    },
  }
}

/** The address behind a redirect. TerminalError `redirect_refused` for one that the receiver does not allow. */
function redirected(
  { allow = [], origin }: KnownReceiver,
  { url, status, headers }: WebResponse,
  hops: number,
): string {
  const to = URL.parse(headers.location ?? '', url)
  const isAllowed = to !== null && allow.includes(to.hostname.replace(/^\[|\]$/g, ''))
  if (isAllowed && REDIRECTS.includes(status) && hops < MAX_REDIRECTS) return to.href
  throw new TerminalError(`${origin} answers with a redirect (status ${status}).`, {
    code: 'redirect_refused',
    hint: 'Write the address that it leads to under `notify:`, or name its host under `allow:` (status 307 and 308).',
  })
}

function refusedBy({ origin }: KnownReceiver, error: Error): TerminalError {
  return new TerminalError(error.message, {
    code: 'address_refused',
    cause: error,
    hint: `If ${origin} is yours, name its host under \`allow:\` of this receiver in antiphon.yaml.`,
  })
}

function portOf(url: string): number | undefined {
  const { port } = new URL(url)
  return port === '' ? undefined : Number(port)
}

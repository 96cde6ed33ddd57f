import { systemClock } from '../../engine/engine.ts'
import { InvalidError, TerminalError } from '../../errors.ts'
import { type Client, createClient } from '../../http/client/client.ts'
import { networkFetch } from '../../http/client/transport/network.ts'
import { persistentFetch } from '../../http/client/transport/retry.ts'
import type { Fetch } from '../../http/client/transport/unix-socket.ts'
import type { Cli } from '../cli.ts'
import { formatDuration } from '../terminal/format.ts'

/** A server does the work, and continues without this process. */
export type ServerPlace = {
  readonly role: 'guest'
  readonly client: Client
  readonly url: string
  leave(grace?: number): Promise<void>
}

/** ms for the first answer of a server, and for which it may be away later. */
const FIRST_ANSWER_TIMEOUT_MS = 10_000
const RECONNECT_TIMEOUT_MS = 120_000

/** A connection to a server; requests are repeated when the connection is lost. */
export async function joinServer(
  cli: Cli,
  url: string,
  given: string | undefined,
  headers: { readonly [name: string]: string } = {},
): Promise<ServerPlace> {
  const { terminal } = cli
  const { name, restate } = cli.engine()
  if (name !== undefined || restate !== undefined)
    throw new InvalidError('--server cannot be combined with --engine or --restate: the server has its engine.')
  const key = given ?? terminal.environment.ANTIPHON_KEY
  const fetch = withHints(networkFetch({ url, ...(key && { key }) }))
  await checkHealth(fetch, url)
  const persistent = persistentFetch(fetch, {
    clock: systemClock,
    patience: RECONNECT_TIMEOUT_MS,
    lost: () => terminal.say(`${url} does not answer. Started work continues there; trying again for two minutes.`),
    back: () => terminal.say(`${url} answers again.`),
  })
  const client = createClient(persistent, {
    base: 'http://antiphon',
    headers,
    reconnect: { patience: RECONNECT_TIMEOUT_MS, pause: 250 },
  })
  return { role: 'guest', client, url, leave: async () => {} }
}

async function checkHealth(fetch: Fetch, url: string): Promise<void> {
  const late = AbortSignal.timeout(FIRST_ANSWER_TIMEOUT_MS)
  try {
    const response = await fetch(new Request('http://antiphon/v1/health', { signal: late }))
    if (response.ok && (await saysOk(response))) return
  } catch (error) {
    if (!late.aborted) throw error
    throw new TerminalError(`The server at ${url} does not answer within ${formatDuration(FIRST_ANSWER_TIMEOUT_MS)}.`, {
      code: 'no_server',
    })
  }
  throw new TerminalError(`No antiphon answers at ${url}.`, {
    code: 'no_server',
    hint: 'Give the address of the server without /v1.',
  })
}

/** Other servers answer that address, too. */
async function saysOk(response: Response): Promise<boolean> {
  const said: unknown = await response.json().catch(() => undefined)
  return (said as { readonly status?: unknown } | null | undefined)?.status === 'ok'
}

/** Adds a hint to a refusal. */
function withHints(fetch: Fetch): Fetch {
  return async (request) => {
    const response = await fetch(request)
    if (response.status !== 401) return response
    const { detail } = (await response.json()) as { readonly detail: string }
    throw new TerminalError(detail, { code: 'unauthenticated', hint: KEY_HINT })
  }
}

const KEY_HINT = 'Set $ANTIPHON_KEY. To create a key on the machine of the server: antiphon keys api create NAME'

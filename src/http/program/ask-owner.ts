import { setTimeout as sleep } from 'node:timers/promises'
import { is } from '../../errors.ts'
import { copyOf, isStreamed, isStreamedAnswer } from '../client/transport/streamed.ts'
import type { VisitorPlace } from '../server/visit-owner.ts'

/** ms in which the end of a process is seen after the end of a connection to it */
const END_TIMEOUT_MS = 2_000

/**
 * Asks the process that owns the folder, until the signal. Undefined: the process ends, and its successor should be
 * asked. An error of code `owner_gone` if the request may have been done, and must not be done twice.
 */
export async function askOwner(
  { fetch, gone }: Pick<VisitorPlace, 'fetch' | 'gone'>,
  request: Request,
  signal: AbortSignal,
): Promise<Response | undefined> {
  const signals = AbortSignal.any([request.signal, signal])
  try {
    const response = await whole(await fetch(withSignal(request, signals)))
    const end = await endingOf(response)
    if (end === 'refused') return undefined
    return end === 'interrupted' && (await mayRepeat(request)) ? undefined : response
  } catch (error) {
    const isGone = is(error) && error.code === 'owner_gone'
    if (!isGone || !((isUnsent(error.cause) && !request.bodyUsed) || (await mayRepeat(request)))) throw error
    const quiet = new AbortController()
    const seen = await Promise.race([
      gone.then(() => true),
      sleep(END_TIMEOUT_MS, false, { signal: quiet.signal }).catch(() => false),
    ])
    quiet.abort()
    if (!seen) throw error
    return undefined
  }
}

function withSignal(request: Request, signal: AbortSignal): Request {
  const isStream = isStreamed(request)
  return new Request(copyOf(request), { signal, ...(isStream && { duplex: 'half' as const }) })
}

/** The response with its whole body, unless it is a stream. A body that breaks counts as no answer. */
async function whole(response: Response): Promise<Response> {
  const { status, headers, body } = response
  if (!body || isStreamedAnswer(response)) return response
  return new Response(await response.arrayBuffer(), { status, headers })
}

/** Errors of work that its process gives up while it ends. */
const INTERRUPTIONS: ReadonlySet<string> = new Set(['stopped', 'moving', 'owner_gone'])

/** Whether the process ends, and has refused the request or interrupted its work. */
async function endingOf(response: Response): Promise<'refused' | 'interrupted' | undefined> {
  if (response.status !== 503) return undefined
  const { code } = (await response.clone().json()) as { readonly code?: string }
  if (code === 'busy' && response.headers.get('connection') === 'close') return 'refused'
  return code !== undefined && INTERRUPTIONS.has(code) ? 'interrupted' : undefined
}

/** Requests without an id that do no more when they are repeated. */
const HARMLESS = /\/(cancel|stop|pause|validate|plan)$/

/** Whether a request does nothing twice when it is repeated: it reads, replaces, or has an id. */
async function mayRepeat(request: Request): Promise<boolean> {
  // a body that was read once cannot be sent again
  if (isStreamed(request)) return false
  if (request.method === 'GET' || request.method === 'PUT') return true
  if (request.method !== 'POST') return false
  if (HARMLESS.test(new URL(request.url).pathname)) return true
  // a visitor may send anything
  const body = (await request
    .clone()
    .json()
    .catch(() => undefined)) as { readonly id?: unknown } | null | undefined
  return typeof body?.id === 'string'
}

/** No process listens at the socket any more, so the request has not reached any. */
const isUnsent = (cause: unknown) => UNSENT.has((cause as { readonly code?: string } | undefined)?.code)
const UNSENT: ReadonlySet<string | undefined> = new Set(['ECONNREFUSED', 'ENOENT'])

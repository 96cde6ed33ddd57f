import { getPath } from 'hono/utils/url'
import type { ServeConfig } from '../../config/serve.ts'
import type { Clock } from '../../engine/engine.ts'
import { type AntiphonError, BusyError, is, problemOf } from '../../errors.ts'
import { EVENT_STREAM } from '../../house/operation.ts'
import type { Runtime, ServedRuntime } from '../../runtime/ports.ts'
import { typeOf } from '../client/transport/errors.ts'
import { copyOf, isStreamed } from '../client/transport/streamed.ts'
import { alreadyRead, bodyLimit, bytesUpTo } from '../routing/body.ts'
import type { Identify } from '../server/authenticate.ts'
import { type Identity, toForward } from '../server/forwarded.ts'
import type { MountedApps } from '../server/mounted.ts'
import { jsonResponse } from '../wire/json.ts'
import { problemResponse, toldBeside } from '../wire/response-headers.ts'
import { encodeComment } from '../wire/sse.ts'

/** Handlers answer by the runtime of this process, or forward to the process that owns the data folder. */
export type RuntimeHolder = {
  readonly runtime: ServedRuntime | undefined
  readonly stop: Runtime['stop']
  /** the apps of the runtime, which the socket of the folder uses, too; absent: the handlers make their own */
  readonly mounted?: MountedApps | undefined
  /** Sends one attempt of a request to the owner of the folder. Undefined: this process owns the folder now. */
  forward?(requestOf: () => Request): Promise<Response | undefined>
}

/** A handler while another process owns the data folder. */
interface Standby {
  /**
   * Sends a request to the owner of the folder, with its caller as it is known here. If this process takes the place of
   * the owner, the request comes back with its body, to be answered here.
   */
  fetch(request: Request): Promise<Response | { readonly request: Request }>
  /** Ends the event streams that come from the owner, so that clients come back and resume. */
  cut(reason: string): void
}

type StandbyParts = {
  /** absent: callers have API keys, which the owner of the folder knows */
  readonly identify?: Identify
  readonly path: string
  readonly serve: ServeConfig
  readonly clock: Clock
  readonly state: { readonly ending: boolean }
}

/** ms in which the owner says whether it is ready: shorter than the patience of probes */
const READY_TIMEOUT_MS = 2_000

/** bytes of a body that is read before its key is known */
const SMALL_BODY = 64 * 1024
/** A signature or a token opens these, and no key. */
const WITHOUT_KEY = /^\/v1\/(?:hooks|signals|links)\//

/** Makes the side of a handler that forwards. */
export function createStandby(
  { forward }: Pick<RuntimeHolder, 'forward'>,
  { identify, path, serve, clock, state }: StandbyParts,
): Standby {
  const open = new Set<(reason: string) => void>()

  async function identityOf(request: Request): Promise<Identity> {
    if (!identify || request.method === 'OPTIONS') return identify ? NOT_ASKED : {}
    try {
      return { caller: await identify(request) }
    } catch (error) {
      return { problem: problemOf(error) }
    }
  }

  async function pass(request: Request): Promise<Response | { readonly request: Request }> {
    if (request.bodyUsed) throw alreadyRead()
    const identity = await identityOf(request)
    const refusal = await refusalOf(request)
    if (refusal) return refusal
    const buffered = await withBody(request, identity)
    const response = await forward!(() => toForward({ request: copyOf(buffered), path, identity }))
    return response ? fromOwner(response) : { request: buffered }
  }

  /** The owner of the folder knows the keys. It is asked before a large body is read. */
  async function refusalOf({ url, headers, signal, body }: Request): Promise<Response | undefined> {
    const isSmall = Number(headers.get('content-length') ?? Number.NaN) <= SMALL_BODY
    if (identify || !body || isSmall || WITHOUT_KEY.test(new URL(url).pathname.slice(path.length))) return undefined
    const rest = new Headers(headers)
    rest.delete('content-type')
    const request = new Request(new URL(`${path}/v1/caller`, url), { headers: rest, signal })
    const response = await forward!(() => toForward({ request: request.clone(), path, identity: {} }))
    if (response?.status === 401 || response?.status === 429) return fromOwner(response)
    await response?.body?.cancel()
    return undefined
  }

  /** A request whose body can be read again. More than the limit is not read: the owner refuses it as too large. */
  async function withBody(request: Request, { problem }: Identity): Promise<Request> {
    const { url, method, headers, signal, body } = request
    if (!body || isStreamed(request)) return request
    const bytes = problem ? undefined : await bytesUpTo(body, bodyLimit(new URL(url).pathname, serve.maxBody), clock)
    const rest = new Headers(headers)
    rest.delete('content-length')
    return new Request(url, { method, headers: rest, signal, ...(bytes && { body: bytes as Uint8Array<ArrayBuffer> }) })
  }

  function fromOwner(response: Response): Response {
    const { status, body } = response
    const headers = new Headers(response.headers)
    for (const name of CONNECTION) headers.delete(name)
    const isEvents = body !== null && typeOf(response) === EVENT_STREAM
    return new Response(isEvents ? untilCut(body, open) : body, { status, headers })
  }

  /** Whether the owner takes work: then this process may have traffic. */
  async function ready(given: Request): Promise<Response | { readonly request: Request }> {
    const request = new Request('http://antiphon/v1/ready', { signal: AbortSignal.timeout(READY_TIMEOUT_MS) })
    const late = new Promise<never>((_, reject) => {
      request.signal.addEventListener('abort', () => reject(unanswered()), { once: true })
    })
    const asked = forward!(() => toForward({ request: request.clone(), path: '', identity: {} }))
    const response = await Promise.race([asked, late])
    if (!response) return { request: given }
    return response.ok ? said({ status: 'ready', role: 'standby' }) : fromOwner(response)
  }

  return {
    async fetch(request) {
      const asked = `${request.method} ${getPath(request).slice(path.length)}`
      try {
        if (!identify && /^(?:GET|HEAD) \/v1\/health$/.test(asked)) return said({ status: 'ok', role: 'standby' })
        if (state.ending) return ended()
        return await (!identify && /^(?:GET|HEAD) \/v1\/ready$/.test(asked) ? ready(request) : pass(request))
      } catch (error) {
        if (request.signal.aborted) throw error
        return toldBeside(problemResponse(shown(error)))
      }
    },
    cut(reason) {
      for (const end of open) end(reason)
    },
  }
}

/** A preflight has no session, and is answered before anybody asks for one. */
const NOT_ASKED: Identity = {
  problem: problemOf(new BusyError('The caller of this request is not known.')),
}

const said = (value: object) => toldBeside(jsonResponse(value, { status: 200 }))

function ended(): Response {
  const response = toldBeside(problemResponse(new BusyError('This process is shutting down.')))
  response.headers.set('connection', 'close')
  return response
}

const unanswered = () => new BusyError('The process that owns the data folder does not answer.')

/** Errors that a caller may read. Others name processes and folders of the operator. */
const OPEN: ReadonlySet<string> = new Set(['owner_gone', 'stopped', 'body_read', 'body_timeout', 'invalid_input'])

const shown = (error: unknown): AntiphonError => (is(error) && OPEN.has(error.code) ? error : unanswered())

/** Headers of the connection to the owner. */
const CONNECTION = ['connection', 'keep-alive', 'transfer-encoding']

/** An event stream that can be ended from here. It also ends when the owner of the folder is gone. */
function untilCut(body: ReadableStream<Uint8Array>, open: Set<(reason: string) => void>): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let cut: (reason: string) => void
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        cut = (reason) => {
          open.delete(cut)
          controller.enqueue(new TextEncoder().encode(encodeComment(reason)))
          controller.close()
          reader.cancel().catch(() => {})
        }
        open.add(cut)
      },
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!open.has(cut)) return
          if (done) controller.close()
          else return controller.enqueue(value)
        } catch {
          // as the owner's own handlers end their streams
          if (open.has(cut)) cut('the process that did the work has ended: come back, and read on')
        }
        open.delete(cut)
      },
      cancel(reason) {
        open.delete(cut)
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

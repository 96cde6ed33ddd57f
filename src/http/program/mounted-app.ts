import { EventEmitter } from 'node:events'
import { getPath } from 'hono/utils/url'
import { mcpServing } from '../../config/mcp-serving.ts'
import { DEFAULT_SERVE } from '../../config/serve.ts'
import type { Clock } from '../../engine/engine.ts'
import { BusyError, NotFoundError } from '../../errors.ts'
import type { ServedRuntime } from '../../runtime/ports.ts'
import { ROUTES } from '../routes/route-table.ts'
import { createApp } from '../server/app.ts'
import { identifyByKey } from '../server/authenticate.ts'
import { createOpenStreams } from '../stream/open-streams.ts'
import { feedOf, type MayRead, mayReadOf } from '../stream/response.ts'
import { streamBody } from '../stream/stream-body.ts'
import { textOf } from '../wire/json.ts'
import { problemResponse } from '../wire/problem.ts'
import { toldBeside } from '../wire/response-headers.ts'
import type { createMounts, FetchHandler, HandlerOptions } from './handler.ts'
import { identifyByOwner } from './request-owner.ts'

/** The HTTP API in another server. */
export interface MountedApp {
  readonly fetch: FetchHandler
  /** Ends all open event streams, so that clients come back and resume. */
  cut(reason: string): void
}

/** The parts of the API for an owner that another server has authenticated. */
const OWNER_PORTS: ReadonlySet<string> = new Set(['agents', 'goals', 'conversations', 'runs', 'inbox', 'threads'])

const OWNER_ROUTES = ROUTES.filter(
  ({ name, scope, local }) => OWNER_PORTS.has(name.split('.')[0]!) && scope !== null && scope !== 'admin' && !local,
)

/** ms after which an event stream ends, so that its reader authenticates again */
const STREAM_TIME = 3_600_000

type Lifetime = { readonly clock: Clock; readonly state: { readonly ending: boolean } }

/** Makes the API of a runtime for another server, which knows the clients. */
export function mountApp(
  runtime: ServedRuntime,
  config: Parameters<typeof createMounts>[1],
  { owner, agents, path = '' }: HandlerOptions & Required<Pick<HandlerOptions, 'agents'>>,
  { clock, state }: Lifetime,
): MountedApp {
  const { serve = DEFAULT_SERVE } = config
  const access = owner
    ? {
        identify: identifyByOwner(owner, { origins: serve.origins, agents, clock }),
        routes: OWNER_ROUTES,
        stay: () => forAnHour(clock),
      }
    : { identify: identifyByKey(runtime.access), mcp: mcpServing(config) }
  const app = createApp(runtime, { serve, path, clock, ...access })
  const streams = createOpenStreams(clock)

  return {
    cut: streams.cut,
    async fetch(request) {
      const asked = getPath(request)
      const wrong = path === '' ? unnamed(asked) : asked.startsWith(`${path}/`) ? undefined : outside(path, asked)
      if (wrong) return toldBeside(problemResponse(wrong))
      const outgoing = Object.assign(new EventEmitter(), { destroyed: false })
      const onEnd = () => void outgoing.emit('close')
      let response: Response
      try {
        response = await app.fetch(request, { outgoing, ending: state.ending })
      } catch (error) {
        onEnd()
        throw error
      }
      const { status, headers } = response
      const feed = feedOf(response)
      if (feed) {
        const body = streamBody(streams, feed, { mayRead: mayReadOf(response), signal: request.signal, onEnd })
        return new Response(body, { status, headers })
      }
      onEnd()
      const text = textOf(response)
      return text === undefined ? response : new Response(text, { status, headers })
    },
  }
}

/** The answer while another process owns the data folder. */
export function refuseForOwner(): Response {
  const hint = 'Send the request to the process that owns it. This one answers when it has taken its place.'
  return toldBeside(problemResponse(new BusyError('Another process owns the data folder.', { hint })))
}

function forAnHour(clock: Clock): MayRead {
  const end = clock.elapsed() + STREAM_TIME
  return async () => clock.elapsed() < end
}

function outside(path: string, asked: string): NotFoundError {
  return new NotFoundError(`This handler serves paths below ${path}, but the request is for ${asked}.`, {
    hint: 'Give the handler the whole URL. In Hono, use `all`, which keeps the path, instead of `mount`.',
  })
}

/** The error if the options lack the path of the mount; undefined for other requests. */
function unnamed(asked: string): NotFoundError | undefined {
  const [, path] = /^((?!\/v1\/)\/.+?)\/v1\//.exec(asked) ?? []
  if (path === undefined) return undefined
  return new NotFoundError(`This handler serves /v1, but the request is for ${asked}.`, {
    hint: `If your server mounts the handler there, name the path: app.handler({ path: '${path}' })`,
  })
}

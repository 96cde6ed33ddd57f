import { EventEmitter } from 'node:events'
import { getPath } from 'hono/utils/url'
import { mcpServing } from '../../config/mcp-serving.ts'
import { DEFAULT_SERVE } from '../../config/serve.ts'
import type { Clock } from '../../engine/engine.ts'
import { NotFoundError } from '../../errors.ts'
import { createMountedApps, type MountedApps } from '../server/mounted.ts'
import { createOpenStreams } from '../stream/open-streams.ts'
import { feedOf, mayReadOf } from '../stream/response.ts'
import { streamBody } from '../stream/stream-body.ts'
import { createDoor, isForPages } from '../ui/door.ts'
import { textOf } from '../wire/json.ts'
import { problemResponse, toldBeside } from '../wire/response-headers.ts'
import type { createMounts, FetchHandler, HandlerOptions } from './handler.ts'
import { identifyByOwner } from './request-owner.ts'
import { createStandby, type RuntimeHolder } from './standby.ts'

/** The HTTP API in another server. */
export interface MountedApp {
  readonly fetch: FetchHandler
  /** Ends all open event streams, so that clients come back and resume. */
  cut(reason: string): void
}

type Lifetime = { readonly clock: Clock; readonly state: { readonly ending: boolean } }

/** Makes the API for another server, which knows the clients: of this process, or of the owner of the folder. */
export function mountApp(
  holder: RuntimeHolder,
  config: Parameters<typeof createMounts>[1],
  { owner, agents, path = '', ui = false }: HandlerOptions & Required<Pick<HandlerOptions, 'agents'>>,
  { clock, state }: Lifetime,
): MountedApp {
  const { serve = DEFAULT_SERVE } = config
  const identify = owner && identifyByOwner(owner, { origins: serve.origins, agents, clock })
  const streams = createOpenStreams(clock)
  const standby = createStandby(holder, { path, serve, clock, state, ...(identify && { identify }) })
  const door = ui ? createDoor({ entrance: { signIn: 'none' }, base: path, serve, clock }) : undefined
  let own: MountedApps | undefined

  function answer(request: Request, env: object): Promise<Response> {
    const mounted = holder.mounted ?? (own ??= createMountedApps(holder.runtime!, settings()))
    return mounted.fetch(request, { path, ...(identify && { identify: () => identify(request) }) }, env)
  }
  const settings = () => ({ mcp: mcpServing(config), serve, clock })

  return {
    cut(reason) {
      streams.cut(reason)
      standby.cut(reason)
    },
    async fetch(request) {
      if (door && isForPages(request, path)) return door.fetch(request)
      const asked = getPath(request)
      const wrong = path === '' ? unnamed(asked) : asked.startsWith(`${path}/`) ? undefined : outside(path, asked)
      if (wrong) return toldBeside(problemResponse(wrong))
      const forwarded = holder.runtime ? { request } : await standby.fetch(request)
      if (forwarded instanceof Response) return forwarded
      const outgoing = Object.assign(new EventEmitter(), { destroyed: false })
      const onEnd = () => void outgoing.emit('close')
      let response: Response
      try {
        response = await answer(forwarded.request, { outgoing, ending: state.ending })
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
      const text = textOf(response)
      if (text === undefined && response.body) {
        request.signal.addEventListener('abort', onEnd, { once: true })
        const sent = response.body.pipeThrough(new TransformStream({ flush: onEnd, cancel: onEnd }))
        return new Response(sent, { status, headers })
      }
      onEnd()
      return text === undefined ? response : new Response(text, { status, headers })
    },
  }
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

import type { Config } from '../../config/config.ts'
import { type Clock, systemClock } from '../../engine/engine.ts'
import { InvalidError } from '../../errors.ts'
import type { KeyScope } from '../../house/scope.ts'
import type { Json } from '../../kernel/json.ts'
import type { Runtime } from '../../runtime/ports.ts'
import { MOUNT_PATH } from '../server/forwarded.ts'
import type { MountedApp } from './mounted-app.ts'
import type { RuntimeHolder } from './standby.ts'

/** Answers a request, as the standard `fetch` would. */
export type FetchHandler = (request: Request) => Promise<Response>

/** A person of staff, who sees and answers for these owners under the own name: all of them, or up to 100. */
export type RequestStaff = {
  readonly staff: string
  readonly scopes: readonly ('read' | 'approve' | 'audit')[]
  readonly owners: 'all' | readonly string[]
}

/**
 * The owner of a request, with or without scopes. A visitor without scopes may talk with the agents that the handler
 * offers, and do nothing else. `context` is JSON of at most 16 KiB for the tools of all that the visitor starts.
 */
export type RequestOwner =
  | string
  | { readonly owner: string; readonly scopes?: readonly Exclude<KeyScope, 'admin'>[]; readonly context?: Json }
  | RequestStaff
  | null
  | undefined

/** Options of a handler in a server of your own. */
export type HandlerOptions = {
  /**
   * Your authentication: the owner of a request. The handler then serves the conversations of this owner, and with
   * more scopes its agents, runs, inbox and asks. If the function returns no owner or throws, the answer is 401.
   * Absent: the handler serves the whole API to callers with an API key.
   */
  owner?(request: Request): RequestOwner | Promise<RequestOwner>
  /**
   * The agents that visitors may name; absent: the agents that the program passed to `start`. The sub-agents of an
   * agent need not be named.
   */
  readonly agents?: readonly string[]
  /** The path under which your server mounts the handler, such as `/ai`; absent: none, so that `/v1` is at the root. */
  readonly path?: string
  /**
   * Also serves the dashboard below `/ui/`, behind `owner`: a visitor sees what its scopes allow. Its pages hold no
   * data, so they load without a sign-in.
   */
  readonly ui?: boolean
}

/** The handlers of a runtime for servers of the program. Callers are never the user of the data folder. */
export interface Mounts {
  /** The whole HTTP API for callers with an API key, at the root of a server: `handler({})`. */
  readonly fetch: FetchHandler
  /**
   * A handler for a server of your own. Make it once, not for each request: its limits count all of its requests.
   * InvalidError for unknown options.
   */
  handler(options: HandlerOptions): FetchHandler
  /** Refuses requests from now on, stops the runtime, and ends open event streams. */
  stop: Runtime['stop']
}

/** `agents`: the agents passed to `start`. `onVisitors`: called with the agents that a handler offers. */
type MountParts = {
  readonly clock?: Clock
  readonly agents?: readonly string[]
  onVisitors?(agents: readonly string[]): void
}

/** Creates the handlers of a program. The server is loaded at the first request. */
export function createMounts(
  holder: RuntimeHolder,
  config: Pick<Config, 'serve'> & Parameters<typeof import('../../config/mcp-serving.ts').mcpServing>[0],
  { clock = systemClock, agents = [], onVisitors }: MountParts = {},
): Mounts {
  const state = { ending: false }
  const opened = new Set<Promise<MountedApp>>()

  function mount(options: HandlerOptions): FetchHandler {
    let app: Promise<MountedApp> | undefined
    return async (request) => {
      checkRequest(request)
      const offered = { ...options, agents: options.agents ?? agents }
      app ??= import('./mounted-app.ts').then(({ mountApp }) => mountApp(holder, config, offered, { clock, state }))
      opened.add(app)
      return (await app).fetch(request)
    }
  }

  let stopped: Promise<void> | undefined
  async function stop(options?: { readonly grace?: number }): Promise<void> {
    state.ending = true
    const cut = async () => {
      for (const app of opened) (await app).cut('this process is about to end: come back, and read on')
    }
    // a standby has nothing to finish
    if (!holder.runtime) await cut()
    await holder.stop(options).finally(cut)
  }

  return {
    fetch: mount({}),
    handler(options) {
      checkOptions(options)
      if (options.owner) onVisitors?.(options.agents ?? agents)
      return mount(options)
    },
    stop: (options) => (stopped ??= stop(options)),
  }
}

/** A mistake in a name must not open the whole API. */
function checkOptions(options: HandlerOptions): void {
  const { owner, agents, path, ui, ...unknown } = options
  const [name] = Object.keys(unknown)
  if (name !== undefined) throw wrong(name, '`owner`, `agents`, `path` or `ui`', name)
  if (agents !== undefined) checkAgents(agents, owner !== undefined)
  if (ui !== undefined && typeof ui !== 'boolean') throw wrong('ui', 'true or false', typeof ui)
  if (ui && owner === undefined) throw wrong('ui', '`owner` beside `ui`: the pages are behind your sign-in', 'none')
  if ('owner' in options && typeof owner !== 'function') throw wrong('owner', 'a function', typeof owner)
  if (path !== undefined && !(typeof path === 'string' && MOUNT_PATH.test(path)))
    throw wrong('path', 'a path such as /ai', JSON.stringify(path))
}

function checkAgents(agents: readonly string[], hasOwner: boolean): void {
  if (!hasOwner) throw wrong('agents', '`owner` beside `agents`: callers with a key may name every agent', 'none')
  const isList = Array.isArray(agents) && agents.every((name) => typeof name === 'string')
  if (!isList) throw wrong('agents', "a list of names, such as ['support']", JSON.stringify(agents) ?? typeof agents)
}

function wrong(path: string, expected: string, found: string): InvalidError {
  return new InvalidError(`handler: expected ${expected}, got ${found}.`, { place: { path } })
}

/** Servers such as Express give an object of Node instead. */
function checkRequest({ url, headers }: Request): void {
  if (typeof headers?.get === 'function' && URL.canParse(url)) return
  throw new InvalidError('The handler expected a Request of the fetch standard, with a whole URL.', {
    hint: 'For node:http and Express, wrap the handler: toNodeListener(app.fetch)',
  })
}

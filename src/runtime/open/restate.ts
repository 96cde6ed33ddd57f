import { setTimeout as sleep } from 'node:timers/promises'
import type { RestateConfig } from '../../config/engine.ts'
import { findReferences } from '../../engine/restate/admin/blob-references.ts'
import { askServers, checkVersion } from '../../engine/restate/admin/server-info.ts'
import { restateEngine } from '../../engine/restate/engine.ts'
import { loadSdk } from '../../engine/restate/sdk.ts'
import type { Storage } from '../../engine/restate/shared-storage.ts'
import { InvalidError } from '../../errors.ts'
import { placesIn } from '../../store/data-folder/layout.ts'
import { openRedis, type Redis } from '../../store/redis.ts'
import { checkEngineOf, keepNode, type NodeRecord } from '../data-folder/node-record.ts'
import { openHousekeeping } from '../maintenance/housekeeping.ts'
import { failureOf } from '../maintenance/retention/retention.ts'
import type { RestateStatus } from '../ports/maintenance.ts'
import type { EngineParts, InternalParts, OpenedEngine } from './parts.ts'

/** Opens the engine on a Restate server. This process becomes one of its nodes. */
export async function openOnRestate(given: EngineParts, restate: RestateConfig): Promise<OpenedEngine> {
  const { data } = given.config
  checkParts(given.parts)
  checkEngineOf(data, 'restate')
  await loadSdk()
  const storage = storageOf(given, restate)
  await storage.marks()
  const { version, ingress } = await askServers(restate.admin)
  checkVersion(version)
  const { shared: _, redis: __, ...options } = { ingress, ...restate, ...(await keepNode(data, restate)) }
  const relay = await openRelay(restate, given)
  const engine = restateEngine({
    ...options,
    actors: given.actors,
    observer: given.observer,
    storage,
    ...(relay.redis && { relay: relay.redis }),
  })
  const { retention, close } = openHousekeeping(given, engine, (finding) => findReferences(options, finding))
  const { admin, namespace } = options
  return {
    engine,
    backup: refuse('backup', 'the Restate server holds the durable data; back it up with its own tools'),
    gc: retention.collect,
    status: () => ({
      restate: { version, admin, ingress: options.ingress, namespace, ...relay.status() },
      ...failureOf(retention),
    }),
    quiet: async () => {},
    rest: engine.rest,
    // the server keeps running work, and `admit` rejects new work
    fail: given.activity.fail,
    async begin() {
      await engine.start().catch(explainPlace(options))
      retention.begin()
    },
    async stop(grace) {
      // do not wait for a slow server: a late end is harmless
      await Promise.race([close(), sleep(HOUSEKEEPING_TIMEOUT_MS, undefined, { ref: false })])
      await engine.stop(grace === undefined ? {} : { grace })
      relay.close()
    },
  }
}

/** ms to wait for housekeeping when the runtime stops. */
const HOUSEKEEPING_TIMEOUT_MS = 2_000

const LIBSQL_PARTS = ['openDatabase', 'checkpoint'] as const

function checkParts(parts: InternalParts): void {
  const given = LIBSQL_PARTS.find((name) => parts[name] !== undefined)
  if (given) throw new InvalidError(`${given} belongs to the engine libsql, but this runtime uses Restate.`)
}

/** The store of the values of all nodes; InvalidError when it cannot be used. */
function storageOf({ store, config }: EngineParts, { shared }: RestateConfig): Storage {
  const name = shared ?? placesIn(config.data).blobs
  const usable = (error: unknown): never => {
    throw new InvalidError(`The storage ${name} cannot be used: ${(error as Error).message}`, { cause: error })
  }
  return {
    name,
    marks: () => store.marks().catch(usable),
    mark: (mark) => store.mark(mark).catch(usable),
  }
}

function refuse(name: string, why: string): () => Promise<never> {
  return async () => {
    throw new InvalidError(`${name} is not available on the engine restate: ${why}`, { code: 'other_engine' })
  }
}

const LISTENING: ReadonlySet<string> = new Set(['listen', 'getaddrinfo'])

// on another port this would be another node: running turns return to the node on which they began
function explainPlace({ host = '', port }: Pick<RestateConfig, 'host'> & NodeRecord): (error: unknown) => never {
  return (cause) => {
    const { code, syscall = '', message } = cause as NodeJS.ErrnoException
    if (!LISTENING.has(syscall)) throw cause
    if (code !== 'EADDRINUSE')
      throw new InvalidError(`This node cannot listen on port ${port} of ${host || 'this machine'}: ${message}`, {
        cause,
      })
    throw new InvalidError(
      `Port ${port} is in use by another process, but the Restate server expects this node there.`,
      {
        hint: 'End that process. The port is recorded in restate.json in the data folder.',
        cause,
      },
    )
  }
}

/** Relays volatile events between nodes, if configured. */
type Relay = {
  readonly redis?: Redis
  status(): Pick<RestateStatus, 'redis'>
  close(): void
}

/** Reconnects while the server is unreachable. InvalidError when the package for it is missing. */
async function openRelay({ redis: url }: RestateConfig, { config }: EngineParts): Promise<Relay> {
  if (url === undefined) return NONE
  // credentials come from the environment, never from a file
  const { REDIS_USERNAME: username, REDIS_PASSWORD: password } = config.environment
  const redis = await openRedis({ url, ...(username && { username }), ...(password && { password }) })
  return {
    redis,
    status() {
      const problem = redis.problem()
      return { redis: { url, ...(problem !== undefined && { problem }) } }
    },
    close: redis.close,
  }
}

const NONE: Relay = { status: () => ({}), close() {} }

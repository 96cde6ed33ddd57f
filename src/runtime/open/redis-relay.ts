import type { RestateConfig } from '../../config/engine.ts'
import { openRedis, type Redis } from '../../store/redis.ts'
import type { RestateStatus } from '../ports/maintenance.ts'
import type { EngineParts } from './parts.ts'

/** Relays volatile events between nodes, if configured. */
export type Relay = {
  readonly redis?: Redis
  status(): Pick<RestateStatus, 'redis'>
  close(): void
}

/** Reconnects while the server is unreachable. InvalidError when the package for it is missing. */
export async function openRelay({ redis: url }: RestateConfig, { config }: EngineParts): Promise<Relay> {
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

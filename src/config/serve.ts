import type { LoginDoor } from '../access/settings.ts'

/** How a server on the network protects itself. */
export type ServeConfig = {
  /** the largest body, in bytes */
  readonly maxBody: number
  /** requests of one key */
  readonly requests: { readonly perSecond: number; readonly burst: number }
  /** requests of one key that are open at once, and event streams */
  readonly concurrent: number
  readonly streams: number
  /** allowed browser origins */
  readonly origins: readonly string[]
  /** proxies whose X-Forwarded-For header is trusted */
  readonly trustedProxies: readonly string[]
  /** which of the tools that reach all of this machine runs from the network may call, too */
  readonly tools: readonly string[]
  /** whether a server on the network has the dashboard at /ui/; absent: it has */
  readonly ui?: boolean
  /** the address under which people reach this server, for links in notices; absent: notices have no links */
  readonly publicUrl?: string
  /** how people may log in with a wallet; absent: they may not */
  readonly login?: readonly LoginDoor[]
}

export const DEFAULT_SERVE: ServeConfig = {
  maxBody: 1024 * 1024,
  requests: { perSecond: 500, burst: 1000 },
  concurrent: 200,
  streams: 1000,
  origins: [],
  trustedProxies: [],
  tools: [],
}

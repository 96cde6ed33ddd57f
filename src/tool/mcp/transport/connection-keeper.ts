import { setTimeout } from 'node:timers/promises'
import { unlessAborted } from '../../../lib/time/unless-aborted.ts'
import { type ConnectionParts, type ConnectTimeouts, connect, type McpConnection } from '../connect.ts'
import type { ServerPins } from '../pins.ts'
import type { McpServerSettings } from '../settings.ts'

/** An open connection, and what was last seen of the server's tools over it. */
export type ServerSession = {
  readonly connection: McpConnection
  readonly since: number
  offered: ServerPins
  pinned: ServerPins
  lookedAt: number
  looking?: Promise<void> | undefined
}

/** The connection to a server. When it has ended, the next request opens another one. */
interface ConnectionKeeper {
  /** The open connection, or a new one. Waiting callers share it, and each may stop waiting. */
  connected(signal: AbortSignal, isTrusted: boolean): Promise<ServerSession>
  /** The connection of this moment, open or ended. */
  current(): ServerSession | undefined
  /** Forgets a connection that ended, so that the next request makes another. */
  drop(ended: ServerSession): Promise<void>
  /** The server has answered: its failures so far do not delay the next start. */
  noteAnswer(): void
  /** Aborts when the connection is closed for good. */
  readonly closing: AbortSignal
  close(): Promise<void>
}

/** ms before the second, third, … start in a row; a server that stayed up this long counts as healthy. */
const BACKOFF_MS = [0, 1000, 2000, 4000, 8000, 16_000, 30_000]
const HEALTHY_MS = 60_000

export function keepConnection(
  name: string,
  settings: McpServerSettings,
  parts: ConnectionParts & { readonly timeouts?: ConnectTimeouts },
  checkTrust: () => Promise<void>,
): ConnectionKeeper {
  let opening: Promise<ServerSession> | undefined
  let live: ServerSession | undefined
  let failures = 0
  let notBefore = 0
  let isLegacy = false
  const closing = new AbortController()

  async function open(isTrusted: boolean): Promise<ServerSession> {
    if (!isTrusted) await checkTrust()
    await setTimeout(Math.max(0, notBefore - performance.now()), undefined, { signal: closing.signal })
    try {
      const connection = await connect(name, settings, parts, {
        isLegacy,
        changed: () => {
          if (live) live.lookedAt = Number.NEGATIVE_INFINITY
        },
        ...(parts.timeouts && { timeouts: parts.timeouts }),
      })
      isLegacy = connection.isLegacy
      live = { connection, offered: {}, pinned: {}, lookedAt: Number.NEGATIVE_INFINITY, since: performance.now() }
      return live
    } catch (error) {
      isLegacy = false
      failed()
      throw error
    }
  }

  function failed(): void {
    notBefore = performance.now() + BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)]!
    failures += 1
  }

  async function drop(ended: ServerSession): Promise<void> {
    if (live !== ended) return
    live = undefined
    if (performance.now() - ended.since > HEALTHY_MS) failures = 0
    failed()
    await ended.connection.close()
  }

  return {
    closing: closing.signal,
    current: () => live,
    drop,
    noteAnswer() {
      failures = 0
    },
    async connected(signal, isTrusted) {
      closing.signal.throwIfAborted()
      if (live && !live.connection.isOpen()) await drop(live)
      if (live) return live
      opening ??= open(isTrusted).finally(() => {
        opening = undefined
      })
      return unlessAborted(opening, signal)
    },
    async close() {
      closing.abort()
      await opening?.catch(() => {})
      await live?.connection.close()
      live = undefined
    },
  }
}

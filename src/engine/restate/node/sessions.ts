import type { Http2Server, Http2Session } from 'node:http2'

/** The connections to a node. */
export interface Sessions {
  /** Takes no new requests on one; it is closed when those it has have ended. */
  dismiss(session: Http2Session | undefined): void
  dismissAll(): void
  destroyAll(): void
}

/** The connections to a server, each dismissed at about the age of `age` ms. */
export function trackSessions(server: Http2Server, age: number): Sessions {
  const fresh = new Set<Http2Session>()
  const all = new Set<Http2Session>()
  server.on('session', (session) => {
    fresh.add(session)
    all.add(session)
    // not all at once
    const old = setTimeout(() => dismiss(session), age * (0.5 + Math.random())).unref()
    session.once('close', () => {
      clearTimeout(old)
      fresh.delete(session)
      all.delete(session)
    })
  })

  function dismiss(session: Http2Session | undefined): void {
    if (!session || !fresh.delete(session) || session.destroyed) return
    // said at once, a goodbye may cross a new request, and then the Restate server drops the connection with all turns that run on it
    session.settings({ maxConcurrentStreams: 0 }, () => session.close())
  }

  return {
    dismiss,
    dismissAll: () => {
      for (const session of fresh) dismiss(session)
    },
    destroyAll: () => {
      for (const session of all) session.destroy()
    },
  }
}

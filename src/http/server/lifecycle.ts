import type { Server } from 'node:http'

/** Requests from outside: whether one is open, and how many there were. */
export interface Visitors {
  open(): number
  total(): number
  /** Resolves with the first one. */
  arrived(): Promise<void>
  /** Resolves when none is open. */
  gone(): Promise<void>
}

/** Counts a server's requests; one counts until its answer, with all its events, is out. */
export function countVisitors(server: Server): Visitors {
  let open = 0
  let total = 0
  let waiting: (() => void)[] = []
  const arrival = Promise.withResolvers<void>()
  server.on('request', (_request, response) => {
    open++
    total++
    arrival.resolve()
    response.once('close', () => {
      open--
      if (open > 0) return
      for (const resolve of waiting) resolve()
      waiting = []
    })
  })
  return {
    open: () => open,
    total: () => total,
    arrived: () => arrival.promise,
    gone: () => (open === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  }
}

import type { Server } from 'node:http'

/** Requests from outside: whether one is open, and how many there were. */
export interface Visitors {
  open(): number
  total(): number
  /** Resolves when none is open. */
  gone(): Promise<void>
}

/** Counts a server's requests; one counts until its answer, with all its events, is out. */
export function countVisitors(server: Server): Visitors {
  let open = 0
  let total = 0
  let waiting: (() => void)[] = []
  server.on('request', (_request, response) => {
    open++
    total++
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
    gone: () => (open === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  }
}

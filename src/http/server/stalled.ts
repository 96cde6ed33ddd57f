import type { Server } from 'node:http'

/** ms after which it is looked whether anything went out; the second look that finds nothing gone is the last */
const PATIENCE = 60_000

/**
 * Cuts off, within two minutes, who takes nothing of an answer that is there: it would be kept for as long as the connection lasts, and with
 * it a place of its key. Who waits for an answer may do so however long.
 */
export function cutOffStalled(server: Server, patience = PATIENCE): void {
  server.on('request', (_request, response) => {
    response.setTimeout(patience, () => {
      if (response.socket && response.socket.writableLength > 0) response.socket.destroy()
    })
  })
}

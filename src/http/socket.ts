import { exchange } from './exchange.ts'
import { ownerGone } from './gone.ts'

/** Anything that answers a request: an app in this process, a socket, the network. */
export type Fetch = (request: Request) => Response | Promise<Response>

/** Asks over a Unix socket; RetryableError `owner_gone` when nobody answers there. */
export function socketFetch(socketPath: string): Fetch {
  return async (request) => {
    const { pathname, search } = new URL(request.url)
    try {
      return await exchange({ socketPath, path: pathname + search }, request)
    } catch (cause) {
      throw request.signal.aborted ? cause : ownerGone(cause)
    }
  }
}

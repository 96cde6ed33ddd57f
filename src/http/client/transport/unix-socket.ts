import { ownerGone } from './errors.ts'
import { exchange } from './node-http.ts'
import { provingFetch } from './prove-peer.ts'

/** A transport: an app in this process, a socket, or the network. */
export type Fetch = (request: Request) => Response | Promise<Response>

/** A transport over a Unix socket, which proves the identity of this process. RetryableError `owner_gone` when nothing answers. */
export function socketFetch(socketPath: string): Fetch {
  const ask = async (request: Request) => {
    const { pathname, search } = new URL(request.url)
    try {
      return await exchange({ socketPath, path: pathname + search }, request)
    } catch (cause) {
      throw request.signal.aborted ? cause : ownerGone(cause)
    }
  }
  return provingFetch(ask, socketPath)
}

import { ownerGone } from './errors.ts'
import { exchange } from './node-http.ts'
import { provingFetch } from './prove-peer.ts'

/** Anything that answers a request: an app in this process, a socket, the network. */
export type Fetch = (request: Request) => Response | Promise<Response>

/** Asks over a Unix socket, and proves there which process this is; RetryableError `owner_gone` when nobody answers. */
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

import { chmod, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { challengeIn, PEER, proofFile, provenHere, SESSION } from '../../wire/peer-headers.ts'
import { ownerGone } from './errors.ts'
import { exchange } from './node-http.ts'
import { copyOf, isStreamed } from './streamed.ts'

/** A transport: an app in this process, a socket, or the network. */
export type Fetch = (request: Request) => Response | Promise<Response>

/** A transport over a Unix socket, which proves who this process is. RetryableError `owner_gone` without an answer. */
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

/**
 * A transport over a socket that proves the identity of this process, once for all requests. If the server does not ask
 * for a proof, requests are sent as they are.
 */
function provingFetch(ask: (request: Request) => Promise<Response>, socketPath: string): Fetch {
  let session: string | undefined

  const send = (request: Request) => {
    if (session !== undefined) request.headers.set(PEER, session)
    return ask(request)
  }

  /** The response that grants a session, or refuses it. */
  async function prove(nonce: string, { url, signal }: Request): Promise<Response> {
    const path = join(dirname(socketPath), proofFile(nonce))
    const file = await open(path, 'wx')
    provenHere.add(nonce)
    try {
      // root's proof must be readable for the user of the folder
      await chmod(path, 0o644)
      await file.writeFile(nonce)
      return await ask(new Request(url, { signal, headers: { [PEER]: `${nonce}:${process.pid}` } }))
    } finally {
      provenHere.delete(nonce)
      await file.close()
      await rm(path, { force: true })
    }
  }

  return async (request) => {
    const again = copyOf(request)
    const response = await send(request)
    const nonce = response.status === 401 ? challengeIn(response.headers) : undefined
    if (nonce === undefined || isStreamed(request)) return response
    const proven = await prove(nonce, again)
    session = proven.headers.get(SESSION) ?? undefined
    return session === undefined ? proven : send(again)
  }
}

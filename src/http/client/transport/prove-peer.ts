import { chmod, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { challengeIn, PEER, proofFile, provenHere, SESSION } from '../../wire/peer-headers.ts'
import type { Fetch } from './unix-socket.ts'

/**
 * A transport over a socket that proves the identity of this process, once for all requests. If the server does not ask for a proof,
 * requests are sent as they are.
 */
export function provingFetch(ask: (request: Request) => Promise<Response>, socketPath: string): Fetch {
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
    const again = request.clone()
    const response = await send(request)
    const nonce = response.status === 401 ? challengeIn(response.headers) : undefined
    if (nonce === undefined) return response
    const proven = await prove(nonce, again)
    session = proven.headers.get(SESSION) ?? undefined
    return session === undefined ? proven : send(again)
  }
}

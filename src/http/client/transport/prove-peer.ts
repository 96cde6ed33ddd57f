import { chmod, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { challengeIn, PEER, proofFile, provenHere, SESSION } from '../../wire/peer-headers.ts'
import type { Fetch } from './unix-socket.ts'

/** Asks over a socket as a process that has proven which one it is, once for all requests. A server that does not want that is asked as it is. */
export function provingFetch(ask: (request: Request) => Promise<Response>, socketPath: string): Fetch {
  let session: string | undefined

  const send = (request: Request) => {
    if (session !== undefined) request.headers.set(PEER, session)
    return ask(request)
  }

  /** The answer that gives a session, or refuses. */
  async function prove(nonce: string, { url, signal }: Request): Promise<Response> {
    const path = join(dirname(socketPath), proofFile(nonce))
    const file = await open(path, 'wx')
    provenHere.add(nonce)
    try {
      // the user of the folder reads the proof of root
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

import { existsSync } from 'node:fs'
import { is } from '../../../errors.ts'
import { challengeHeader, PEER, SESSION } from '../../wire/peer-headers.ts'
import { problemResponse, toldBeside } from '../../wire/response-headers.ts'
import type { HttpApp } from '../lifecycle.ts'
import type { Closed } from './process-lineage.ts'
import { createPeers, type Peers } from './proof.ts'

/** Restricts the app to processes that no tool started, where /proc exists. `folder`: the folder of the socket. */
export function peersOnly(app: HttpApp, folder: string, closed: Closed): HttpApp {
  if (process.platform !== 'linux' || !existsSync('/proc/self/limits')) return app
  const peers = createPeers(folder, closed)
  return {
    async fetch(request, env) {
      const refusal = await answerPeer(peers, request.headers.get(PEER) ?? undefined)
      return refusal ?? app.fetch(request, env)
    },
  }
}

/** A refusal, or the session of a peer that has just proven its identity; undefined: the request may pass. */
async function answerPeer(peers: Peers, said: string | undefined): Promise<Response | undefined> {
  try {
    const { session } = await peers.letIn(said)
    return session === undefined ? undefined : new Response(null, { status: 204, headers: { [SESSION]: session } })
  } catch (error) {
    if (!is(error)) throw error
    const response = toldBeside(problemResponse(error))
    for (const [name, value] of Object.entries(challengeHeader(peers.challenge()))) response.headers.set(name, value)
    return response
  }
}

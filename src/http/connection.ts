import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from 'hono'

/** What a server of node hands over with a request; absent in one process. */
type Connection = { readonly incoming?: IncomingMessage; readonly outgoing?: ServerResponse }

/** Where a request comes from; undefined over a socket of this machine and in one process. */
export function addressOf({ env }: Context): string | undefined {
  return (env as Connection | undefined)?.incoming?.socket?.remoteAddress
}

/** Calls once the answer, with all its events, is out or nobody is there any more to take it. */
export function whenAnswered({ env }: Context, callback: () => void): void {
  const { outgoing } = (env ?? {}) as Connection
  if (!outgoing || outgoing.destroyed) callback()
  else outgoing.once('close', callback)
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BlockList } from 'node:net'
import type { Context } from 'hono'
import { clientOf } from './address.ts'

/** What a server of node hands over with a request; absent in one process. */
type Connection = { readonly incoming?: IncomingMessage; readonly outgoing?: ServerResponse }

/** Where a request comes from, as far as a trusted proxy says; undefined over a socket of this machine and in one process. */
export function addressOf({ env, req }: Context, trusted: BlockList): string | undefined {
  const remote = (env as Connection | undefined)?.incoming?.socket?.remoteAddress
  return remote === undefined ? undefined : clientOf(remote, req.header('x-forwarded-for'), trusted)
}

/** Calls once the answer, with all its events, is out or nobody is there any more to take it. */
export function whenAnswered({ env }: Context, callback: () => void): void {
  const { outgoing } = (env ?? {}) as Connection
  if (!outgoing || outgoing.destroyed) callback()
  else outgoing.once('close', callback)
}

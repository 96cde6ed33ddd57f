import type { MiddlewareHandler } from 'hono'
import { BusyError } from '../../errors.ts'
import { tellLater } from '../wire/response-headers.ts'

/** What a server says with a request: whether its process is about to end. */
export type Ending = { readonly ending?: boolean }

/** Lets in nobody who comes to a process that is about to end, but who asks for its health; what they ask next is to go elsewhere. */
export const refuseAtEnd: MiddlewareHandler = async (context, next) => {
  const { ending } = (context.env ?? {}) as Ending
  if (!ending || HEALTH.has(context.req.path)) return next()
  tellLater(context, { connection: 'close' })
  throw new BusyError('This process is about to end.')
}

/** Who is about to end is in good health until then. */
const HEALTH: ReadonlySet<string> = new Set(['/v1/health', '/health', '/api/postchain/health'])
